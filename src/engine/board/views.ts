// What others see of the tasks: one, a list, the queue, the figures. Changes nothing.
import { RuntimeError } from "../../errors/runtime-error.ts";
import { isActive } from "../../task/lifecycle.ts";
import { type LaneName, lanes } from "../../task/policy.ts";
import { type Progress, withExpected } from "../../task/progress.ts";
import type { TaskView } from "../../task/record.ts";
import type { QueuePause } from "../ports.ts";
import type { Scheduler } from "../queue/scheduler.ts";
import type { ListFilter, Page, QueueView, TaskPage, TaskStats } from "../requests.ts";
import type { WaitingRoom } from "../triggers/waiting-room.ts";
import type { Board } from "./board.ts";
import type { Entry } from "./entry.ts";
import { cursorOf, pageOf } from "./listing.ts";
import { Shelf } from "./shelf.ts";
import type { Statistics } from "./statistics.ts";

export interface ViewsDeps {
  readonly board: Board;
  readonly scheduler: Scheduler;
  readonly waitingRoom: WaitingRoom;
  readonly statistics: Statistics;
}

const noTasks = new Shelf();
const everything: Page = { limit: Number.POSITIVE_INFINITY };

export class Views {
  readonly #deps: ViewsDeps;

  constructor(deps: ViewsDeps) {
    this.#deps = deps;
  }

  /** @throws UNKNOWN_TASK */
  entry(id: string): Entry {
    const entry = this.#deps.board.get(id);
    if (!entry) throw new RuntimeError("UNKNOWN_TASK", { id });
    return entry;
  }

  readonly of = (entry: Entry): TaskView => {
    const { record, memo } = entry.stored;
    if (record.status === "pending") {
      const { scheduler, waitingRoom } = this.#deps;
      const standing = scheduler.standings.of(entry.id);
      const blocked_by = standing?.blockedBy ?? waitingRoom.reasonsOf(entry) ?? [];
      const queue_position = standing?.position ?? null;
      return {
        ...record,
        blocked_by,
        queue_position,
        stops_after_step: false,
        silent_since: null,
        stuck_since: null,
      };
    }
    const progress = this.#progressOf(entry);
    const attempt = isActive(record.status) ? entry.attempt : null;
    const stops_after_step = record.status === "pausing" && memo.stops_after_step === true;
    return {
      ...record,
      progress,
      blocked_by: [],
      queue_position: null,
      stops_after_step,
      silent_since: attempt?.silentSince ?? null,
      stuck_since: attempt?.stuckSince ?? null,
    };
  };

  #progressOf({ attempt, progress, stored: { record } }: Entry): Progress {
    const latest = progress?.latest ?? record.progress;
    // One that has reported nothing yet may still be told by the history of its type.
    if (!attempt) return latest;
    return withExpected(latest, attempt.elapsedSeconds, this.#deps.statistics.expectedSeconds(record.task));
  }

  list(filter: ListFilter = {}, page: Page = everything): TaskPage {
    const { all } = this.#shelfOf(filter);
    const after = cursorOf(page);
    const entries = all.from(after === null ? 0 : all.countBefore({ created: after + 1 }));
    return pageOf(entries, filter, page.limit, this.of, ({ created }) => created);
  }

  history(filter: ListFilter = {}, page: Page = everything): TaskPage {
    const { ended } = this.#shelfOf(filter);
    const before = cursorOf(page);
    const entries = ended.backFrom(before === null ? ended.size : ended.countBefore({ finished: before }));
    return pageOf(entries, filter, page.limit, this.of, ({ finished }) => finished);
  }

  /** Where to look: a group's tasks stand together. */
  #shelfOf({ group }: ListFilter): Pick<Shelf, "all" | "ended"> {
    const { board } = this.#deps;
    return group === undefined ? board : (board.group(group) ?? noTasks);
  }

  live(): TaskView[] {
    return Array.from(this.#deps.board.live, this.of);
  }

  queue(pause: QueuePause | null): QueueView {
    const tasks = this.#deps.scheduler.inOrder().map(({ id }) => this.of(this.entry(id)));
    const running = this.live().filter(({ status }) => isActive(status));
    const later = this.#deps.waitingRoom.ids().map((id) => this.of(this.entry(id)));
    return {
      paused: pause !== null,
      paused_because: pause?.because ?? null,
      paused_since: pause?.since ?? null,
      interrupted_tasks: pause?.task_ids ?? [],
      length: tasks.length,
      tasks,
      later,
      running,
    };
  }

  /** How many tasks are under way in each lane. */
  activeByLane(): Record<LaneName, number> {
    const counts = Object.fromEntries(lanes.map((lane) => [lane, 0])) as Record<LaneName, number>;
    for (const { stored } of this.#deps.board.live)
      if (isActive(stored.record.status)) counts[stored.record.lane]++;
    return counts;
  }

  stats(): TaskStats {
    return {
      counts: { ...this.#deps.board.counts },
      queue_length: this.#deps.scheduler.waiting,
      busy_workers: this.#deps.scheduler.busyWorkers,
      tasks: this.#deps.statistics.byType(),
    };
  }
}
