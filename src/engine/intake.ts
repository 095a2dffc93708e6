// Takes new tasks in: the same request with the same key is one task, and a busy machine may refuse.
import { randomUUID } from "node:crypto";
import { RuntimeError } from "../errors/runtime-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { TaskRecord } from "../task/record.ts";
import type { Board } from "./board.ts";
import type { Changes } from "./changes.ts";
import type { Entry } from "./entry.ts";
import type { Limits, TaskTypes } from "./ports.ts";
import type { Idempotency, SubmitRequest } from "./requests.ts";
import { findType, newTask } from "./submission.ts";

export interface IntakeDeps {
  readonly clock: Clock;
  readonly types: TaskTypes;
  readonly limits: () => Limits;
  readonly board: Board;
  readonly changes: Changes;
  readonly nextOrder: () => number;
  readonly accepted: (entry: Entry) => void;
}

interface Submitted {
  readonly digest: string;
  readonly task: Promise<TaskRecord>;
}

export class Intake {
  readonly #deps: IntakeDeps;
  /** Keys whose task is on its way to the disk. */
  readonly #submitting = new Map<string, Submitted>();
  #onTheWay = 0;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  submit(request: SubmitRequest, idempotency?: Idempotency): Promise<TaskRecord> {
    if (!idempotency) return this.#accept(request, null);
    const { key, digest } = idempotency;
    const known = this.#submitting.get(key) ?? this.#submittedWith(key);
    if (known?.digest === digest) return known.task;
    if (known) return Promise.reject(new RuntimeError("IDEMPOTENCY_CONFLICT", { key }));
    const task = this.#accept(request, idempotency).finally(() => this.#submitting.delete(key));
    this.#submitting.set(key, { digest, task });
    return task;
  }

  /** @throws BUSY while the machine does one task at a time and has one */
  refuseIfBusy(): void {
    if (!this.#deps.limits().singleTaskMode) return;
    for (const { stored } of this.#deps.board.live) {
      const { id, status } = stored.record;
      if (status !== "interrupted") throw new RuntimeError("BUSY", { status, task_id: id });
    }
    if (this.#onTheWay > 0) throw new RuntimeError("BUSY", { status: "pending", task_id: null });
  }

  async #accept(request: SubmitRequest, idempotency: Idempotency | null): Promise<TaskRecord> {
    const { types, limits, clock, changes } = this.#deps;
    const type = findType(types, request.task);
    this.refuseIfBusy();
    const task = newTask(type, request, idempotency, {
      id: randomUUID(),
      order: this.#deps.nextOrder(),
      now: clock.now(),
      defaultTimeoutSeconds: limits().defaultTimeoutSeconds,
    });
    this.#onTheWay++;
    try {
      this.#deps.accepted(await changes.create(task));
    } finally {
      this.#onTheWay--;
    }
    return task.record;
  }

  #submittedWith(key: string): Submitted | null {
    const stored = this.#deps.board.byIdempotencyKey(key)?.stored;
    const digest = stored?.memo.idempotency?.digest;
    return stored && digest !== undefined ? { digest, task: Promise.resolve(stored.record) } : null;
  }
}
