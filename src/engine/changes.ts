// How a task's record changes: first the disk, then the board, then whoever listens. Every change comes through here.
import type { EventInput, EventType } from "../events/catalogue.ts";
import type { Clock } from "../lib/clock.ts";
import { deferred } from "../lib/deferred.ts";
import { hasEnded } from "../task/lifecycle.ts";
import type { StoredTask } from "../task/record.ts";
import type { Board } from "./board/board.ts";
import type { Entry } from "./board/entry.ts";
import type { TaskStore } from "./ports.ts";

export interface Event {
  readonly type: EventType;
  readonly [field: string]: unknown;
}

export interface ChangesDeps {
  readonly clock: Clock;
  readonly store: TaskStore;
  readonly board: Board;
  readonly publish: (event: EventInput) => void;
  /** The task has ended and the disk knows. */
  readonly onEnded: (entry: Entry) => void;
  readonly onForgotten: (entry: Entry) => void;
}

export type Draft = (task: StoredTask, now: number) => StoredTask;

export interface Creation {
  /** What the disk is to have of it, if not just that. */
  readonly written?: StoredTask;
  /** It is on the board, and nobody was told yet. */
  readonly added?: (entry: Entry) => void;
  readonly refused?: () => void;
}

export class Changes {
  readonly #deps: ChangesDeps;

  constructor(deps: ChangesDeps) {
    this.#deps = deps;
  }

  /** A change that may be refused. @throws STORE_UNAVAILABLE, and then nothing has changed */
  ask(entry: Entry, draft: Draft, event?: Event): Promise<void> {
    const next = draft(entry.stored, this.#deps.clock.now());
    return this.#deps.store.save([next]).then(() => this.take(entry, next, event));
  }

  /** What has already happened: it waits for the disk as long as it takes. */
  insist(entry: Entry, draft: Draft, event?: Event): Promise<void> {
    const next = draft(entry.stored, this.#deps.clock.now());
    return this.#deps.store.insist([next]).then(() => this.take(entry, next, event));
  }

  /** A task that was not there before. @throws STORE_UNAVAILABLE */
  create(task: StoredTask, { written = task, added, refused }: Creation = {}): Promise<Entry> {
    const add = (): Entry => {
      const entry = this.#deps.board.add(task);
      added?.(entry);
      this.tell(entry, scheduled(task));
      return entry;
    };
    const refuse = (error: unknown): never => {
      refused?.();
      throw error;
    };
    return this.#deps.store.save([written]).then(add, refuse);
  }

  /** The same for several at once, all or none. @throws STORE_UNAVAILABLE */
  async createAll(tasks: readonly StoredTask[]): Promise<Entry[]> {
    await this.#deps.store.save(tasks);
    const entries = tasks.map((task) => this.#deps.board.add(task));
    for (const entry of entries) this.tell(entry, scheduled(entry.stored));
    return entries;
  }

  /**
   * Forgets those that are still as they were chosen, once nothing else is under way with any of them; what others
   * depend on stays.
   * @returns how many @throws STORE_UNAVAILABLE, and then all are still there
   */
  async forgetUnchanged(chosen: readonly Entry[]): Promise<number> {
    const over = deferred();
    const seen = chosen.map(({ stored }) => stored);
    const turns = chosen.map((entry) => {
      const turn = deferred();
      void entry.serially(() => {
        turn.resolve();
        return over.promise;
      });
      return turn.promise;
    });
    try {
      await Promise.all(turns);
      const entries = chosen.filter(
        (entry, index) =>
          entry.stored === seen[index] &&
          this.#deps.board.has(entry) &&
          !this.#deps.board.dependants.isNeeded(entry.id),
      );
      if (entries.length > 0) await this.forget(entries);
      return entries.length;
    } finally {
      over.resolve();
    }
  }

  /** At the turn of each of them. @throws STORE_UNAVAILABLE, and then all are still there */
  async forget(entries: readonly Entry[]): Promise<void> {
    const { store, board } = this.#deps;
    const ids = entries.map(({ id }) => id);
    const over = board.dependants.leave(ids);
    try {
      await store.remove(ids);
      for (const entry of entries) {
        board.remove(entry);
        this.#deps.onForgotten(entry);
        this.tell(entry, { type: "task_removed" });
      }
    } finally {
      over();
    }
  }

  tell(entry: Entry, event: Event): void {
    this.#deps.publish({ task_id: entry.id, ...event });
  }

  /** What the disk has. */
  take(entry: Entry, next: StoredTask, event?: Event): void {
    this.#deps.board.publish(entry, next);
    if (event) this.tell(entry, event);
    if (hasEnded(next.record.status)) this.#deps.onEnded(entry);
    if (entry.isSettled) entry.wakeWaiters();
  }
}

export const scheduled = ({ record }: StoredTask): Event => ({
  type: "task_scheduled",
  name: record.name,
  action: record.action,
  task: record.task,
});
