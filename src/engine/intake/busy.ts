// Refuses a task while others have not ended: on a machine that does one at a time, or one that is alone among some types.
import { RuntimeError } from "../../errors/runtime-error.ts";
import { TurnoverSet } from "../../lib/turnover.ts";
import type { StoredTask, TaskRecord } from "../../task/record.ts";
import type { Board } from "../board/board.ts";
import type { Limits } from "../ports.ts";
import type { Alone } from "../requests.ts";

export interface BusyDeps {
  readonly board: Board;
  readonly limits: () => Limits;
}

export class Busy {
  readonly #deps: BusyDeps;
  /** Not on the board yet: they are on their way to the disk. */
  readonly #coming = new TurnoverSet<StoredTask>();

  constructor(deps: BusyDeps) {
    this.#deps = deps;
  }

  /** They count from here on. @returns what is to be called once they are on the board, or never will be */
  expect(tasks: readonly StoredTask[]): () => void {
    for (const task of tasks) this.#coming.add(task);
    return () => {
      for (const task of tasks) this.#coming.delete(task);
    };
  }

  /** @throws BUSY while the machine does one task at a time and has one, or gets `count` at once */
  refuse(count = 1): void {
    if (!this.#deps.limits().singleTaskMode) return;
    const setting = "limits.single_task_mode";
    this.#refuseBeside(() => true, setting);
    if (count > 1) throw new RuntimeError("BUSY", { status: "pending", task_id: null, setting });
  }

  /** @throws BUSY while a task of these types has not ended */
  refuseAmong({ types, setting }: Alone): void {
    this.#refuseBeside(({ task }) => types.includes(task), setting);
  }

  #refuseBeside(isRival: (record: TaskRecord) => boolean, setting: string): void {
    for (const { record } of this.#present()) {
      const { id, status } = record;
      if (status !== "interrupted" && isRival(record))
        throw new RuntimeError("BUSY", { status, task_id: id, setting });
    }
  }

  *#present(): Generator<StoredTask> {
    for (const { stored } of this.#deps.board.live) yield stored;
    yield* this.#coming;
  }
}
