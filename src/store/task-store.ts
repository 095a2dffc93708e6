// Where tasks live when the power is off: lowdb's model in memory, our journal beneath it.
import path from "node:path";
import { Low } from "lowdb";
import type { QueuePause, StoredState, TaskStore as TaskStorePort } from "../engine/ports.ts";
import { sentenceOf } from "../errors/runtime-error.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { StoredTask } from "../task/record.ts";
import type { StoreHealth } from "./availability.ts";
import { defaultGrowth, type GrowthRule, type StoreFigures, TaskJournal } from "./journal.ts";
import { type JournalFiles, nodeFiles } from "./journal-files.ts";
import type { Change } from "./journal-line.ts";
import { type Migration, migrations } from "./migrations.ts";
import { Quarantine, type StoreProblem } from "./quarantine.ts";
import { applyChange, noTasks, type StoredTasks } from "./replay.ts";

export interface TaskStoreOptions {
  /** The data directory, absolute. Tasks lie in `tasks/` below it. */
  readonly directory: string;
  readonly logger: Logger;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Shared with the documents of the same directory. Default: its own. */
  readonly quarantine?: Quarantine;
  /** What tasks leave behind besides their records, and goes with them. `forget` never rejects. */
  readonly leavings?: readonly { forget(taskIds: readonly string[]): Promise<void> }[];
  readonly growth?: Partial<GrowthRule>;
  readonly files?: JournalFiles;
  readonly migrations?: readonly Migration[];
}

export class TaskStore implements TaskStorePort {
  readonly #low: Low<StoredTasks>;
  readonly #journal: TaskJournal;
  readonly #quarantine: Quarantine;
  readonly #logger: Logger;
  readonly #leavings: NonNullable<TaskStoreOptions["leavings"]>;
  readonly #healthListeners = new Set<(health: StoreHealth) => void>();
  #snapshotting = false;

  constructor(options: TaskStoreOptions) {
    const { directory, logger, clock = systemClock, files = nodeFiles } = options;
    this.#logger = logger;
    this.#leavings = options.leavings ?? [];
    this.#quarantine = options.quarantine ?? new Quarantine({ directory, clock, logger, files });
    this.#journal = new TaskJournal({
      directory: path.join(directory, "tasks"),
      files,
      quarantine: this.#quarantine,
      clock,
      logger,
      migrations: options.migrations ?? migrations,
      growth: { ...defaultGrowth, ...options.growth },
      publish: (changes) => this.#publish(changes),
      onHealth: (health) => {
        for (const listener of this.#healthListeners) listener(health);
      },
    });
    this.#low = new Low<StoredTasks>(this.#journal, noTasks());
  }

  /**
   * Call once, before anything else. Damage is survived and listed in `problems`.
   * @throws DATA_FROM_NEWER, STORE_UNAVAILABLE when what is there cannot be read
   */
  async read(): Promise<StoredState> {
    await this.#low.read();
    const { tasks, queuePause } = this.#low.data;
    // Where the process ended between the removal of a task and that of its files.
    await this.#forgetLeavings(this.#journal.removed);
    const state = { tasks: [...tasks.values()], queuePause };
    this.#snapshotWhenDue();
    return state;
  }

  save(tasks: readonly StoredTask[]): Promise<void> {
    return this.#append({ tasks }, false);
  }

  insist(tasks: readonly StoredTask[]): Promise<void> {
    return this.#append({ tasks }, true);
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#append({ removed: ids }, false);
    await this.#forgetLeavings(ids);
  }

  async #forgetLeavings(ids: readonly string[]): Promise<void> {
    await Promise.all(this.#leavings.map((folder) => folder.forget(ids)));
  }

  setQueuePause(pause: QueuePause | null): Promise<void> {
    return this.#append({ queue_paused: pause ?? false }, false);
  }

  insistOnQueuePause(pause: QueuePause | null): Promise<void> {
    return this.#append({ queue_paused: pause ?? false }, true);
  }

  /** Whether new work can be stored right now. */
  health(): StoreHealth {
    return this.#journal.health;
  }

  figures(): StoreFigures {
    return this.#journal.figures;
  }

  /** What was found damaged since the start, oldest first. */
  problems(): StoreProblem[] {
    return this.#quarantine.problems();
  }

  /** Calls `listener` at every change; returns how to stop it. */
  onHealthChange(listener: (health: StoreHealth) => void): () => void {
    this.#healthListeners.add(listener);
    return () => this.#healthListeners.delete(listener);
  }

  /** Writes what waits; afterwards everything is refused. Never rejects, twice without harm. */
  close(): Promise<void> {
    return this.#journal.close();
  }

  #append(change: Change, insisted: boolean): Promise<void> {
    try {
      return this.#journal.append(change, insisted);
    } catch (error) {
      return Promise.reject(error); // JSON cannot carry it
    }
  }

  #publish(changes: readonly Change[]): void {
    for (const change of changes) applyChange(this.#low.data, change);
    this.#snapshotWhenDue();
  }

  #snapshotWhenDue(): void {
    if (this.#snapshotting || !this.#journal.hasOutgrown(this.#low.data.tasks.size)) return;
    this.#snapshotting = true;
    this.#low
      .write()
      .catch((error: unknown) => {
        this.#logger.warn(
          { problem: sentenceOf(error) },
          "no snapshot could be written; the journal goes on",
        );
      })
      .finally(() => {
        this.#snapshotting = false;
      });
  }
}
