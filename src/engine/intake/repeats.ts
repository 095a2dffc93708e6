// Requests that come again: the same key with the same body is the same tasks, also while they are on their way.
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { TaskRecord } from "../../task/record.ts";
import type { Board } from "../board/board.ts";
import type { Idempotency } from "../requests.ts";

interface Submitted {
  readonly digest: string;
  readonly tasks: Promise<readonly TaskRecord[]>;
}

export class Repeats {
  readonly #board: Board;
  /** Keys whose tasks are on their way to the disk. */
  readonly #submitting = new Map<string, Submitted>();

  constructor(board: Board) {
    this.#board = board;
  }

  /** The tasks that were submitted with the key, or those that `accept` takes in now. @throws IDEMPOTENCY_CONFLICT */
  once(
    { key, digest }: Idempotency,
    accept: () => Promise<readonly TaskRecord[]>,
  ): Promise<readonly TaskRecord[]> {
    const known = this.#submitting.get(key) ?? this.#submittedWith(key);
    if (known?.digest === digest) return known.tasks;
    if (known) return Promise.reject(new RuntimeError("IDEMPOTENCY_CONFLICT", { key }));
    const tasks = accept().finally(() => this.#submitting.delete(key));
    this.#submitting.set(key, { digest, tasks });
    return tasks;
  }

  #submittedWith(key: string): Submitted | null {
    const entries = this.#board.byIdempotencyKey(key);
    const digest = entries[0]?.stored.memo.idempotency?.digest;
    if (digest === undefined) return null;
    return { digest, tasks: Promise.resolve(entries.map(({ stored }) => stored.record)) };
  }
}
