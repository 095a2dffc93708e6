// A worker of the fleet: takes jobs from the queue, as many at a time as it may, and has each carried out in a process
// of its own. It knows task types, and nothing of the machine that wants the work done.
import { randomUUID } from "node:crypto";
import type { Job } from "bullmq";
import type { Redis } from "ioredis";
import type { TaskTypes } from "../../../engine/ports.ts";
import { sentenceOf } from "../../../errors/runtime-error.ts";
import type { Clock, Timer } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/logger.ts";
import { type FleetTaker, inboxKey, loadPackages, prefix, queueName, sayGoodbye } from "../connection.ts";
import { Correspondence, Inbox, postThrough } from "../inbox.ts";
import { connect } from "../link.ts";
import { type JobData, jobDataSchema, type Letter, type Order } from "../messages.ts";
import { Assignment, type WatchedLane } from "./assignment.ts";

export interface FleetWorkerOptions {
  readonly url: string;
  /** For people, as in `lab-3:4711`. */
  readonly name: string;
  readonly types: TaskTypes;
  /** Executes each job in a process of its own. */
  readonly lane: WatchedLane;
  readonly concurrency: number;
  /** The worker's own, absolute. */
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** For tasks whose type says nothing else. */
  readonly graceSeconds: number;
  /** Nobody waits for Redis any more. */
  readonly givenUp: AbortSignal;
}

const inboxLifeMs = 60_000;
/** Until the job has said how long it really is, in milliseconds. */
const firstLockMs = 30_000;

export class FleetWorker {
  readonly #options: FleetWorkerOptions;
  readonly #redis: Redis;
  readonly #inbox: Inbox;
  readonly #taker: FleetTaker;
  readonly #assignments = new Map<string, Assignment>();
  #staying: Timer | null = null;
  #whenIdle: (() => void) | null = null;
  #isClosing = false;

  /** Resolves when it takes jobs. @throws OPTIONAL_PACKAGE_MISSING, and Error when it is given up */
  static async open(options: FleetWorkerOptions): Promise<FleetWorker> {
    const packages = await loadPackages();
    const redis = connect(packages, { ...options, onProblem: () => undefined });
    let worker: FleetWorker | null = null;
    const inbox = await Inbox.open({
      key: inboxKey(randomUUID()),
      redis,
      lifeMs: inboxLifeMs,
      log: options.log,
      onLetter: (letter) => {
        if (worker) worker.#hear(letter);
      },
    });
    const taker: FleetTaker = new packages.bullmq.Worker(
      queueName,
      async (job: Job<JobData>, token?: string) => {
        if (worker) await worker.#take(job, token);
      },
      {
        connection: redis,
        prefix,
        concurrency: options.concurrency,
        lockDuration: firstLockMs,
        // The lease of each job renews its lock; the runtime whose job it is sees when that ends.
        skipLockRenewal: true,
        skipStalledCheck: true,
        autorun: false,
      },
    );
    worker = new FleetWorker(options, redis, inbox, taker);
    await taker.waitUntilReady();
    worker.#begin();
    return worker;
  }

  private constructor(options: FleetWorkerOptions, redis: Redis, inbox: Inbox, taker: FleetTaker) {
    this.#options = options;
    this.#redis = redis;
    this.#inbox = inbox;
    this.#taker = taker;
  }

  /** Takes nothing more; what runs is told to stop and ends within its grace. Twice without harm. */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    await this.#taker.pause(true);
    for (const assignment of this.#assignments.values()) assignment.shutDown();
    await this.#idle();
    this.#staying?.cancel();
    await sayGoodbye(this.#redis, [this.#taker.close(), this.#inbox.close()]);
  }

  #idle(): Promise<void> {
    if (this.#assignments.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
    });
  }

  #begin(): void {
    const { log } = this.#options;
    this.#taker.on("error", (error) => log.debug({ problem: sentenceOf(error) }, "the queue complains"));
    this.#taker.run().catch((error) => log.error({ problem: sentenceOf(error) }, "no more jobs are taken"));
    const stay = (): void => {
      this.#staying = this.#options.clock.after(inboxLifeMs / 4, () => {
        this.#inbox
          .stay()
          .catch((error) => log.debug({ problem: sentenceOf(error) }, "the inbox could not be kept"));
        stay();
      });
    };
    stay();
  }

  #hear(letter: Letter<Order>): void {
    this.#assignments.get(letter.job)?.hear(letter);
  }

  /** Resolves when the job is over; then it leaves the queue. */
  async #take(job: Job<JobData>, token = ""): Promise<void> {
    // Whoever wants it sees that it is gone, and offers it again.
    if (this.#isClosing) return;
    const data = jobDataSchema.safeParse(job.data);
    if (!data.success || job.id === undefined)
      throw new Error(`this is no job for the fleet: ${data.error?.message}`);
    const { id } = job;
    const { types, name, graceSeconds } = this.#options;
    const { task, inbox, lease_ms } = data.data;
    const type = types.get(task) ?? { missing: types.whyMissing(task) ?? "it has no file for it" };
    const ownGrace = "policy" in type ? type.policy.cancelGraceSeconds : null;
    const assignment = new Assignment({
      ...this.#options,
      job,
      type,
      letters: new Correspondence(postThrough(this.#redis), id),
      worker: { inbox: this.#inbox.key, name },
      renew: async () => {
        if ((await job.extendLock(token, lease_ms)) !== 1) return "its lock is gone";
        return (await this.#redis.exists(inbox)) === 1 ? null : "the runtime that wants it is gone";
      },
      graceMs: (ownGrace ?? graceSeconds) * 1000,
    });
    this.#assignments.set(id, assignment);
    try {
      await assignment.carryOut();
    } finally {
      this.#assignments.delete(id);
      if (this.#assignments.size === 0) this.#whenIdle?.();
    }
  }
}
