// The lane of tasks that run in other processes, perhaps on other machines. BullMQ hands each attempt to one worker and
// keeps the lock that says the worker is still there; what the two sides say to each other goes through their inboxes.
import { randomUUID } from "node:crypto";
import type { Lane, LaneRun, Work, WorkEvents } from "../../engine/ports.ts";
import { sentenceOf } from "../../errors/runtime-error.ts";
import { type Clock, isoTime, type Timer } from "../../lib/clock.ts";
import { Lazy } from "../../lib/lazy.ts";
import type { Logger } from "../../lib/logger.ts";
import { FleetAttempt } from "./attempt.ts";
import { Correspondence, type Post } from "./inbox.ts";
import { type Link, looksPerLease, openLink } from "./link.ts";
import type { Letter, Order, Report } from "./messages.ts";

export interface FleetLaneOptions {
  /** As in `redis://lab-1:6379`. */
  readonly url: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Absolute; its `fleet.json` names this runtime to its workers. */
  readonly dataDirectory: string;
  /** How long a worker may be silent before it counts as lost. */
  readonly leaseSeconds: number;
}

interface Held {
  readonly attempt: FleetAttempt;
  readonly work: Work;
  /** It lies in the queue, or a worker has it. */
  isOffered: boolean;
}

export class FleetLane implements Lane {
  readonly #options: FleetLaneOptions;
  /** By the id of their job, which is that of this attempt alone. */
  readonly #held = new Map<string, Held>();
  readonly #link: Lazy<Link>;
  readonly #givingUp = new AbortController();
  #timer: Timer | null = null;
  #isLooking = false;
  #problem: { readonly what: string; readonly since: string } | null = null;
  /** Monotonic: when Redis last answered. */
  #reachedAt: number;
  #isClosed = false;

  constructor(options: FleetLaneOptions) {
    this.#options = options;
    this.#reachedAt = options.clock.monotonic();
    this.#link = new Lazy(() =>
      openLink({
        ...options,
        leaseMs: this.#leaseMs,
        onLetter: (letter) => this.#hear(letter),
        onProblem: (problem) => this.#note(problem),
        givenUp: this.#givingUp.signal,
      }),
    );
  }

  /** Connects, and ends what an earlier run left behind. Nobody has to wait for it. */
  open(): void {
    this.#link.get().catch((error) => {
      if (this.#isClosed) return;
      this.#note(sentenceOf(error));
      this.#options.log.error({ problem: sentenceOf(error) }, "there is no fleet");
    });
    this.#lookLater();
  }

  /** Null while it works. */
  get problem(): string | null {
    return this.#problem && `Redis cannot be reached (${this.#problem.what}), since ${this.#problem.since}`;
  }

  start(work: Work, events: WorkEvents): LaneRun {
    const job = randomUUID();
    const attempt = new FleetAttempt(work, events, {
      ...this.#options,
      letters: new Correspondence(this.#post, job),
      onWithdrawn: () => void this.#withdraw(job),
    });
    const held = { attempt, work, isOffered: false };
    this.#held.set(job, held);
    void attempt.ended.then(() => this.#held.delete(job));
    void this.#offer(job, held);
    return attempt.handle();
  }

  /** Ends what still runs. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    for (const { attempt } of this.#held.values()) attempt.lost("the runtime has ended");
    await this.#link.value?.close();
    this.#givingUp.abort();
  }

  get #leaseMs(): number {
    return this.#options.leaseSeconds * 1000;
  }

  readonly #post: Post = async (key, letter) => (await this.#link.get()).post(key, letter);

  #begun(): FleetAttempt[] {
    return Array.from(this.#held.values(), ({ attempt }) => attempt).filter(({ isBegun }) => isBegun);
  }

  async #offer(job: string, held: Held): Promise<void> {
    try {
      const link = await this.#link.get();
      if (!this.#held.has(job)) return;
      const { type, taskId } = held.work;
      await link.offer(job, { task: type.name, task_id: taskId, lease_ms: this.#leaseMs });
      held.isOffered = true;
      // Cancelled while it was on its way.
      if (!this.#held.has(job)) await this.#withdraw(job);
    } catch (error) {
      held.attempt.fail(error);
    }
  }

  async #withdraw(job: string): Promise<void> {
    // A worker that takes it in this moment is told to drop it.
    await this.#link.value?.remove(job).catch((error: Error) => this.#complain(error));
  }

  #hear(letter: Letter<Report>): void {
    this.#reachedAt = this.#options.clock.monotonic();
    const attempt = this.#held.get(letter.job)?.attempt;
    const { message } = letter;
    if (message.type === "taken" && (!attempt || attempt.isBegun)) this.#refuse(letter.job, message.worker);
    else attempt?.hear(letter);
  }

  /** Nobody wants it any more. */
  #refuse(job: string, worker: string): void {
    const letter = { job, number: 1, message: { type: "kill" } satisfies Order };
    this.#post(worker, letter).catch((error: Error) => this.#complain(error));
  }

  #lookLater(): void {
    this.#timer = this.#options.clock.after(this.#leaseMs / looksPerLease, () => {
      this.#giveUpUnreached();
      if (!this.#isLooking) void this.#look();
      this.#lookLater();
    });
  }

  /** While Redis is away, a worker ends its tasks once its lease is over, and it has had a lease to see that we are. */
  #giveUpUnreached(): void {
    const silentMs = this.#options.clock.monotonic() - this.#reachedAt;
    if (silentMs < 2 * this.#leaseMs) return;
    const reason = `Redis could not be reached for ${Math.round(silentMs / 1000)} s`;
    for (const attempt of this.#begun()) attempt.lost(reason);
  }

  async #look(): Promise<void> {
    const link = this.#link.value;
    if (!link) return;
    this.#isLooking = true;
    try {
      const at = this.#options.clock.monotonic();
      await link.inbox.stay();
      await this.#findLost(link);
      for (const { attempt } of this.#held.values()) attempt.stillThere();
      this.#reachedAt = at;
    } catch (error) {
      this.#complain(error as Error);
    } finally {
      this.#isLooking = false;
    }
  }

  async #findLost(link: Link): Promise<void> {
    const looked = Array.from(this.#held, ([job, held]) => ({ job, held, wasBegun: held.attempt.isBegun }));
    const offered = looked.filter(({ held }) => held.isOffered);
    const there = await link.areThere(offered.map(({ job, wasBegun }) => ({ job, isTaken: wasBegun })));
    const missing = offered.filter((_, at) => !there[at]);
    if (missing.length === 0) return;
    // Who has ended has said so before it gave its lock back.
    await link.inbox.drained();
    for (const { job, held, wasBegun } of missing) {
      if (!this.#held.has(job) || held.attempt.isBegun !== wasBegun) continue;
      if (wasBegun) held.attempt.lost("its lock ran out");
      // Redis has forgotten it, before anybody had it.
      else await this.#offer(job, held);
    }
  }

  #note(what: string | null): void {
    const since = this.#problem?.since ?? isoTime(this.#options.clock.now());
    this.#problem = what === null ? null : { what, since };
  }

  #complain(error: Error): void {
    if (!this.#isClosed) this.#options.log.warn({ problem: sentenceOf(error) }, "the fleet's Redis refuses");
  }
}
