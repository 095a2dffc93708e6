// What the tasks of a group make of it together: one status, one progress, one cancel.
import { isRuntimeError, RuntimeError } from "../../errors/runtime-error.ts";
import type { Status } from "../../task/lifecycle.ts";
import type { GroupView } from "../requests.ts";
import type { Board } from "./board.ts";
import type { Entry } from "./entry.ts";
import type { Shelf } from "./shelf.ts";

export interface GroupsDeps {
  readonly board: Board;
  readonly cancel: (entry: Entry) => Promise<void>;
}

/** What goes on comes first, then what waits for its owner, then how it ended. Pure. */
export function groupStatus(counts: Readonly<Record<Status, number>>): Status {
  if (counts.running + counts.pausing > 0) return "running";
  if (counts.cancelling > 0) return "cancelling";
  if (counts.paused > 0) return "paused";
  if (counts.interrupted > 0) return "interrupted";
  const ended = counts.completed + counts.failed + counts.cancelled;
  // Between two of its tasks a group that has begun goes on by itself.
  if (counts.pending > 0) return ended > 0 ? "running" : "pending";
  if (counts.failed > 0) return "failed";
  return counts.cancelled > 0 ? "cancelled" : "completed";
}

export class Groups {
  readonly #deps: GroupsDeps;

  constructor(deps: GroupsDeps) {
    this.#deps = deps;
  }

  /** @throws UNKNOWN_GROUP */
  view(name: string): GroupView {
    const shelf = this.#shelf(name);
    const { all, live, ended, counts } = shelf;
    const last = live.size > 0 ? undefined : ended.last;
    return {
      group: name,
      status: groupStatus(counts),
      counts: { ...counts },
      progress: { current: ended.size, total: all.size, percent: percentOf(shelf) },
      created_at: all.first?.stored.record.created_at ?? "",
      completed_at: last?.stored.record.completed_at ?? null,
    };
  }

  /** @throws UNKNOWN_GROUP, STORE_UNAVAILABLE when one that had not started could not be told */
  async cancel(name: string): Promise<GroupView> {
    const shelf = this.#shelf(name);
    await Promise.all([...shelf.live].map((entry) => this.#cancel(entry)));
    return this.view(name);
  }

  /** One that ends by itself meanwhile needs no cancel. */
  async #cancel(entry: Entry): Promise<void> {
    try {
      await this.#deps.cancel(entry);
    } catch (error) {
      if (!isRuntimeError(error) || error.code !== "WRONG_STATE") throw error;
    }
  }

  #shelf(name: string): Shelf {
    const shelf = this.#deps.board.group(name);
    if (shelf) return shelf;
    throw new RuntimeError("UNKNOWN_GROUP", { group: name });
  }
}

/** Each task is worth the same; of those that have not ended counts what they say themselves. */
function percentOf({ all, live, ended }: Shelf): number {
  let done = ended.size;
  for (const { progress, stored } of live)
    done += ((progress?.latest ?? stored.record.progress).percent ?? 0) / 100;
  return Math.round((done / all.size) * 1000) / 10;
}
