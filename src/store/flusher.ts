// Brings changes to the disk: all that wait in one write and one sync, then publishes them, then answers.
// When the disk refuses it refuses new changes, takes back what it wrote, and tries a fresh journal until one holds.
import { sentenceOf } from "../errors/runtime-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { Availability, type StoreHealth, unavailable } from "./availability.ts";
import { Batch } from "./batch.ts";
import { type Change, restOfChange } from "./journal-line.ts";
import type { JournalSeries } from "./journal-series.ts";
import type { JournalWriter } from "./journal-writer.ts";
import type { LineBuffer } from "./line-buffer.ts";

export interface FlusherOptions {
  /** What changes are written into. */
  readonly journals: JournalSeries;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes durable changes into memory, in order. Synchronous, so that a cut falls between two batches. */
  readonly publish: (changes: readonly Change[]) => void;
  readonly onHealth: (health: StoreHealth) => void;
}

/** The place between two batches from which a snapshot is taken. */
export interface Cut {
  readonly seq: number;
  /** The journals before this number are told by the snapshot. */
  readonly journal: number;
}

interface CutRequest {
  take(cut: Cut): void;
  fail(error: unknown): void;
}

export class Flusher {
  readonly #options: FlusherOptions;
  readonly #availability: Availability;
  #seq = 0;
  #taken = 0;
  #writer: JournalWriter | null = null;
  #waiting = new Batch();
  /** Of the batch before the one under way: two take turns with the same memory. */
  #room: LineBuffer | undefined;
  #cut: CutRequest | null = null;
  #running: Promise<void> | null = null;
  #closed = false;
  #bytes = 0;
  #writes = 0;
  #writeMs = 0;

  constructor(options: FlusherOptions) {
    this.#options = options;
    this.#availability = new Availability(options.clock, options.logger, options.onHealth);
  }

  get health(): StoreHealth {
    return this.#availability.health;
  }

  /** Bytes written since the start. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Synced writes since the start, and the time they took. */
  get writes(): { readonly count: number; readonly seconds: number } {
    return { count: this.#writes, seconds: this.#writeMs / 1000 };
  }

  /**
   * Opens the first journal. Never rejects: where the disk refuses, the flusher is unavailable and tries again.
   * @param seq the highest number in use
   */
  async start(seq: number): Promise<void> {
    this.#seq = seq;
    this.#taken = seq;
    await this.#enter(this.#tryFreshJournal());
  }

  /** Resolves when durable and published. @throws STORE_UNAVAILABLE, at once while the disk refuses */
  append(change: Change, insisted: boolean): Promise<void> {
    if (this.#closed) return Promise.reject(unavailable("it is closed"));
    const { health } = this;
    if (!health.ok && !insisted) return Promise.reject(unavailable(health.problem));
    const seq = this.#seq + 1;
    const done = this.#waiting.add(seq, change, insisted, restOfChange(change));
    this.#seq = seq;
    this.#kick();
    return done;
  }

  /** Calls `take` between two batches, from where on changes go to a fresh journal. @throws the disk's error */
  cut<T>(take: (cut: Cut) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (!this.health.ok || this.#closed) return reject(unavailable("no cut can be made now"));
      this.#cut = { take: (cut) => resolve(take(cut)), fail: reject };
      this.#kick();
    });
  }

  /** Writes what waits; one last try where the disk refuses. Afterwards everything is refused. Never rejects. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#availability.stop();
    await this.#running;
    if (this.#writer) await this.#run();
    else if (!this.#waiting.isEmpty) await this.#tryFreshJournal();
    if (!this.#waiting.isEmpty) {
      this.#options.logger.error({ changes: this.#waiting.entries.length }, "changes could not be stored");
      this.#waiting.reject(unavailable("it is closed"));
    }
    this.#cut?.fail(unavailable("it is closed"));
    if (this.#writer) await Promise.allSettled([this.#writer.close()]);
    this.#writer = null;
  }

  #kick(): void {
    if (this.#running || !this.#writer) return;
    void this.#enter(this.#run());
  }

  #enter(work: Promise<void>): Promise<void> {
    this.#running = work.finally(() => {
      this.#running = null;
      if (!this.#closed && (!this.#waiting.isEmpty || this.#cut)) this.#kick();
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    // Whoever hands in something in the same breath shares the first write; while it is under way the next batch gathers.
    await null;
    while (this.#writer) {
      if (this.#cut) await this.#makeCut(this.#cut);
      if (this.#waiting.isEmpty) return;
      const batch = this.#take();
      try {
        await this.#write(this.#writer, batch);
      } catch (error) {
        const writer = this.#writer;
        this.#writer = null;
        await this.#fail(writer, batch, error);
      }
      // While many are written there is enough to do for those who wait next.
      if (batch.entries.length <= few) await comeback();
    }
  }

  #take(): Batch {
    const batch = this.#waiting;
    this.#waiting = new Batch(this.#room);
    this.#room = undefined;
    this.#taken = this.#seq;
    return batch;
  }

  async #write(writer: JournalWriter, batch: Batch): Promise<void> {
    const before = writer.good;
    const begun = this.#options.clock.monotonic();
    await writer.append(batch.bytes);
    this.#writes++;
    this.#writeMs += this.#options.clock.monotonic() - begun;
    this.#bytes += writer.good - before;
    this.#options.publish(batch.entries.map((entry) => entry.change));
    batch.resolve();
    this.#room = batch.room();
  }

  async #makeCut(request: CutRequest): Promise<void> {
    this.#cut = null;
    try {
      const fresh = await this.#options.journals.open(this.#taken);
      const old = this.#writer;
      this.#writer = fresh;
      request.take({ seq: this.#taken, journal: fresh.number });
      if (old) await Promise.allSettled([old.close()]);
    } catch (error) {
      request.fail(error); // changes go on into the journal that is there
    }
  }

  /** Takes what was written back, refuses what may be refused, keeps the rest for the next journal that holds. */
  async #fail(writer: JournalWriter | null, batch: Batch, error: unknown): Promise<void> {
    this.#availability.down(error);
    if (writer) await this.#options.journals.abandon(writer);
    const kept = new Batch();
    const refusal = unavailable(sentenceOf(error));
    batch.refuse(refusal, kept);
    this.#take().refuse(refusal, kept);
    this.#waiting = kept;
    this.#cut?.fail(error);
    this.#cut = null;
    this.#tryLater();
  }

  #tryLater(): void {
    if (this.#closed) return;
    this.#availability.later(() => {
      void this.#enter(this.#tryFreshJournal());
    });
  }

  /** The probe: a fresh journal, and what is insisted on in it. Never rejects. */
  async #tryFreshJournal(): Promise<void> {
    let writer: JournalWriter | null = null;
    let batch = new Batch();
    try {
      await this.#options.journals.makeFolder();
      writer = await this.#options.journals.open(this.#taken);
      batch = this.#take();
      if (!batch.isEmpty) await this.#write(writer, batch);
      this.#writer = writer;
      this.#availability.up();
    } catch (error) {
      await this.#fail(writer, batch, error);
    }
  }
}

/** A write of that many changes takes the disk longer than the loop takes to bring the next ones. */
const few = 8;

/**
 * When those who were answered have had a turn of the loop: the ends of short tasks, and the starts of those who waited
 * for them, go together with what gathered during the write. Otherwise two halves of them take turns at the disk for
 * ever, each waiting for the other's sync.
 */
const comeback = (): Promise<void> =>
  // A tick comes when all that was answered has run on, and its immediates are there before ours.
  new Promise((resolve) => process.nextTick(() => setImmediate(resolve)));
