// lowdb's adapter for tasks: reads snapshot and journals, appends changes, writes new snapshots behind its own cut.
// Knows nothing of what a task means.
import type { Adapter } from "lowdb";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { StoreHealth } from "./availability.ts";
import { Flusher } from "./flusher.ts";
import type { JournalFiles } from "./journal-files.ts";
import type { Change } from "./journal-line.ts";
import { JournalSeries } from "./journal-series.ts";
import { journalName } from "./journal-writer.ts";
import { type Migration, schemaOf } from "./migrations.ts";
import type { Quarantine } from "./quarantine.ts";
import { replay, type StoredTasks } from "./replay.ts";
import { writeSnapshot } from "./snapshot.ts";
import { keepDamage, readSources } from "./sources.ts";

/** A snapshot is due when one of these is exceeded. */
export interface GrowthRule {
  /** Bytes in the journals, once they are also more than `ratio` times a snapshot, the last or the next. Default 32 MiB. */
  readonly bytes: number;
  /** Changes in the journals, once they are also more than twice `ratio` times the tasks there are. Default 100 000. */
  readonly changes: number;
  /** Journals at boot, as after many short runs. Default 16. */
  readonly files: number;
  /** Default 3: what is written for snapshots stays below what is written for changes. */
  readonly ratio: number;
  /** Bytes reserved ahead of a journal that grows, as zeros. Default 1 MiB. */
  readonly ahead: number;
}

export const defaultGrowth: GrowthRule = {
  bytes: 32 * 1024 * 1024,
  changes: 100_000,
  files: 16,
  ratio: 3,
  ahead: 1 << 20,
};

export interface TaskJournalOptions {
  /** The folder of the journals, absolute. */
  readonly directory: string;
  readonly files: JournalFiles;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly migrations: readonly Migration[];
  readonly growth: GrowthRule;
  readonly publish: (changes: readonly Change[]) => void;
  readonly onHealth: (health: StoreHealth) => void;
}

export interface StoreFigures {
  readonly writes: number;
  readonly writeSeconds: number;
  readonly journalBytes: number;
}

export class TaskJournal implements Adapter<StoredTasks> {
  readonly #options: TaskJournalOptions;
  readonly #journals: JournalSeries;
  readonly #flusher: Flusher;
  #writing: Promise<void> = Promise.resolve();
  #snapshotBytes = 0;
  /** What the journals held when the last snapshot was tried; growth is counted from there. */
  #base = { bytes: 0, changes: 0 };
  #bytesAtBoot = 0;
  #changes = 0;
  #mustRewrite = false;
  #removed: readonly string[] = [];

  constructor(options: TaskJournalOptions) {
    this.#options = options;
    const { directory, files, clock, logger, publish, onHealth } = options;
    this.#journals = new JournalSeries({
      directory,
      files,
      schemaVersion: schemaOf(options.migrations),
      ahead: options.growth.ahead,
    });
    this.#flusher = new Flusher({ journals: this.#journals, clock, logger, publish, onHealth });
  }

  get health(): StoreHealth {
    return this.#flusher.health;
  }

  /** What the journals take since the last snapshot, and the writes since the start. */
  get figures(): StoreFigures {
    const { count, seconds } = this.#flusher.writes;
    return { writes: count, writeSeconds: seconds, journalBytes: this.#bytes - this.#base.bytes };
  }

  /**
   * What was acknowledged, and a fresh journal to go on with. Damage is put into quarantine.
   * @throws DATA_FROM_NEWER, and then nothing was touched; STORE_UNAVAILABLE when what is there cannot be read
   */
  async read(): Promise<StoredTasks> {
    const { directory, files, quarantine, logger, migrations } = this.#options;
    const { snapshot, journals, highest } = await readSources(files, directory, quarantine);
    const replayed = replay(snapshot, journals, migrations);
    await keepDamage(replayed.damage, quarantine);
    for (const [number, bytes] of replayed.torn)
      logger.info(
        { journal: journalName(number), bytes },
        "a line that was not written to its end is dropped",
      );

    this.#snapshotBytes = snapshot?.bytes.length ?? 0;
    this.#bytesAtBoot = journals.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#changes = replayed.changes;
    this.#removed = replayed.removed;
    this.#mustRewrite =
      replayed.migrated || replayed.damage.length > 0 || journals.length > this.#options.growth.files;
    this.#journals.goOn(highest + 1, new Map([...replayed.ends, ...replayed.torn]));
    await this.#flusher.start(replayed.seq);
    return replayed.state;
  }

  /** Resolves when `change` survives a power cut and is published. @throws STORE_UNAVAILABLE unless insisted on */
  append(change: Change, insisted: boolean): Promise<void> {
    this.#changes++;
    return this.#flusher.append(change, insisted);
  }

  /** The tasks whose removal was read back, and which are not there again. */
  get removed(): readonly string[] {
    return this.#removed;
  }

  /** Whether a snapshot is due, of a model with so many tasks. */
  hasOutgrown(tasks: number): boolean {
    const { bytes, changes, ratio } = this.#options.growth;
    const written = this.#bytes - this.#base.bytes;
    const made = this.#changes - this.#base.changes;
    if (this.#mustRewrite || made > Math.max(changes, 2 * ratio * tasks)) return true;
    // Of tasks that only wait it would say what the journals say: as many lines, of the same length.
    const next = (tasks * written) / Math.max(1, made);
    return written > Math.max(bytes, ratio * this.#snapshotBytes, ratio * next);
  }

  /** Writes a snapshot of the live model as it is between two batches. Where it fails nothing is lost. */
  write(model: StoredTasks): Promise<void> {
    this.#mustRewrite = false;
    this.#base = { bytes: this.#bytes, changes: this.#changes };
    this.#writing = this.#writing.catch(() => "that one's caller was told").then(() => this.#snapshot(model));
    return this.#writing;
  }

  /** Writes what waits, and ends a snapshot that is being written. Never rejects. */
  async close(): Promise<void> {
    await this.#flusher.close();
    await Promise.allSettled([this.#writing]);
  }

  get #bytes(): number {
    return this.#bytesAtBoot + this.#flusher.bytes;
  }

  async #snapshot(model: StoredTasks): Promise<void> {
    const { directory, files, quarantine, migrations } = this.#options;
    const { snapshot, journal } = await this.#flusher.cut((cut) => ({
      journal: cut.journal,
      snapshot: {
        seq: cut.seq,
        schemaVersion: schemaOf(migrations),
        queuePause: model.queuePause,
        tasks: [...model.tasks.values()],
      },
    }));
    await quarantine.settle(); // the snapshot replaces what damaged lines are kept from
    this.#snapshotBytes = await writeSnapshot(files, directory, snapshot);
    await this.#journals.removeBefore(journal);
  }
}
