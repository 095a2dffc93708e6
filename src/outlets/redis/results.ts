// Publishes how tasks end that came as messages: at least once, after a restart too. A task tells in its metadata which
// channel it came from.
import { sentenceOf } from "../../errors/runtime-error.ts";
import type { NumberedEvent } from "../../events/catalogue.ts";
import { type Clock, isoTime, type Timer } from "../../lib/clock.ts";
import { inTime } from "../../lib/in-time.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Subscription } from "../../settings/redis.ts";
import { hasEnded } from "../../task/lifecycle.ts";
import type { TaskRecord } from "../../task/record.ts";
import { WaitingWriter } from "../waiting-writer.ts";
import { answerOf } from "./answer.ts";
import { problemIn } from "./connection.ts";
import type { Owed, OwedDocument } from "./owed.ts";

/** As much of the engine as is told about. */
export interface AnsweredTasks {
  /** Null where it is not kept (any more). */
  recordOf(id: string): TaskRecord | null;
  /** What ended or was interrupted at that time or later. */
  endedSince(time: string): readonly TaskRecord[];
}

export interface ResultsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly subscriptions: readonly Subscription[];
  readonly tasks: AnsweredTasks;
  readonly subscribe: (listener: (event: NumberedEvent) => void) => () => void;
  readonly document: OwedDocument;
}

/** Resolves when Redis has taken it. */
export type Publish = (channel: string, text: string) => Promise<unknown>;

interface Ended {
  readonly record: TaskRecord;
  /** Where it is told. */
  readonly channel: string;
}

const atATime = 100;
/** Beyond it a record is looked up when its turn comes. */
const mostRecords = 1000;
const afterRefusalMs = 5000;
const recordsLagMs = 5000;
const ends: ReadonlySet<string> = new Set(["task_completed", "task_failed", "task_cancelled"]);

export class Results {
  readonly #options: ResultsOptions;
  readonly #channels: ReadonlyMap<unknown, string>;
  /** By id, in the order in which they ended; with the record, which may soon be forgotten by its owner. */
  readonly #owed = new Map<string, Ended | null>();
  /** Of these: those that Redis did not take, until they are tried again. They hold up nobody. */
  readonly #refused = new Set<string>();
  readonly #writer: WaitingWriter<Owed>;
  readonly #unsubscribe: () => void;
  #publish: Publish | null = null;
  #publishing: Promise<void> | null = null;
  #retry: Timer | null = null;
  #published = 0;
  #problem: string | null = null;

  private constructor(options: ResultsOptions) {
    this.#options = options;
    this.#channels = new Map(
      options.subscriptions.flatMap(({ channel, results_channel }) =>
        results_channel === null ? [] : [[channel, results_channel]],
      ),
    );
    this.#writer = new WaitingWriter({
      ...options,
      waiting: () => this.#toStore(false),
      what: "results for Redis",
      betweenWritesMs: 1000,
    });
    this.#unsubscribe = options.subscribe(({ type, task_id }) => {
      if (ends.has(type) && task_id !== null) this.owe(task_id);
    });
  }

  /** Whatever ends from then on is published, once there is a connection. @throws STORE_UNAVAILABLE */
  static async open(options: ResultsOptions): Promise<Results> {
    const results = new Results(options);
    const { as_of, is_whole, waiting } = options.document.data;
    for (const id of waiting) results.owe(id);
    // What ended in the moment before the power went, and was not yet written down.
    const since = as_of === null || is_whole ? null : isoTime(Date.parse(as_of) - recordsLagMs);
    for (const { id } of since === null ? [] : options.tasks.endedSince(since)) results.owe(id);
    await options.document.update(() => results.#toStore(false));
    return results;
  }

  get waiting(): number {
    return this.#owed.size;
  }

  get published(): number {
    return this.#published;
  }

  /** Why some are not taken, or null. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Nothing is published for a task that came another way, or lives. */
  owe(id: string): void {
    const ended = this.#endedOf(id);
    if (ended === null) return;
    this.#owed.set(id, this.#owed.size < mostRecords ? ended : null);
    this.#writer.note();
    this.#go();
  }

  /** From now on, until null: there is a connection. */
  publishWith(publish: Publish | null): void {
    this.#publish = publish;
    this.#tryAgain();
  }

  /** What is under way may end; the rest is published after the next start. */
  async close(longestGoodbyeMs: number): Promise<void> {
    this.#unsubscribe();
    const { clock, log, document } = this.#options;
    if (this.#publishing) await inTime(this.#publishing, longestGoodbyeMs, clock);
    this.publishWith(null);
    await this.#writer.close();
    await document
      .update(() => this.#toStore(true))
      .catch((error: unknown) =>
        log.warn({ problem: sentenceOf(error) }, "waiting results for Redis were not written"),
      );
  }

  #go(): void {
    if (this.#publish === null || this.#owed.size === 0) return;
    this.#publishing ??= this.#publishAll().finally(() => {
      this.#publishing = null;
    });
  }

  async #publishAll(): Promise<void> {
    await null; // what ends in the same breath goes along
    while (this.#publish !== null) {
      const ids: string[] = [];
      for (const id of this.#owed.keys()) if (!this.#refused.has(id) && ids.push(id) === atATime) break;
      if (ids.length === 0) break;
      const publish = this.#publish;
      await Promise.all(ids.map((id) => this.#publishOne(id, publish)));
    }
    if (this.#refused.size === 0) this.#problem = null;
    else if (this.#publish !== null)
      this.#retry ??= this.#options.clock.after(afterRefusalMs, () => this.#tryAgain());
  }

  #tryAgain(): void {
    this.#retry?.cancel();
    this.#retry = null;
    this.#refused.clear();
    this.#go();
  }

  async #publishOne(id: string, publish: Publish): Promise<void> {
    const ended = this.#endedOf(id) ?? this.#owed.get(id);
    try {
      if (ended) {
        await publish(ended.channel, JSON.stringify(answerOf(ended.record)));
        this.#published++;
      }
    } catch (error) {
      this.#problem = `a result was not taken by '${ended?.channel}': ${problemIn(error)}`;
      this.#refused.add(id);
      return;
    }
    const now = this.#endedOf(id);
    // Restarted and ended anew meanwhile: that is another result.
    if (now === null || now.record.completed_at === ended?.record.completed_at) this.#owed.delete(id);
    this.#writer.note();
  }

  #endedOf(id: string): Ended | null {
    const record = this.#options.tasks.recordOf(id);
    const channel = this.#channels.get(record?.metadata?.message_source);
    return record && channel !== undefined && hasEnded(record.status) ? { record, channel } : null;
  }

  #toStore(is_whole: boolean): Owed {
    return { as_of: isoTime(this.#options.clock.now()), is_whole, waiting: [...this.#owed.keys()] };
  }
}
