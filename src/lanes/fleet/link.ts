// A runtime's link to its fleet: the queue, its own inbox, and the end of what an earlier run of it left behind.
import { randomUUID } from "node:crypto";
import path from "node:path";
import type { Redis } from "ioredis";
import { z } from "zod";
import { syncedJsonFile } from "../../lib/json-file.ts";
import type { Logger } from "../../lib/logger.ts";
import {
  type FleetQueue,
  inboxKey,
  jobKey,
  loadPackages,
  lockKey,
  type Packages,
  prefix,
  queueName,
  sayGoodbye,
} from "./connection.ts";
import { Inbox, type Post, postThrough } from "./inbox.ts";
import { endLeftovers } from "./leftovers.ts";
import type { JobData, Letter } from "./messages.ts";

export interface LinkOptions {
  readonly url: string;
  readonly dataDirectory: string;
  readonly leaseMs: number;
  readonly log: Logger;
  readonly onLetter: (letter: Letter<never>) => void;
  /** Told why Redis cannot be reached, once, and null when it can. */
  readonly onProblem: (problem: string | null) => void;
  /** Nobody waits for Redis any more. */
  readonly givenUp: AbortSignal;
}

/** So often within a lease both sides look whether the other is there. */
export const looksPerLease = 3;

/** BullMQ tells of every job in a stream; nobody here listens. */
const keptEvents = 100;

export class Link {
  readonly inbox: Inbox;
  readonly post: Post;
  readonly #runtime: string;
  readonly #redis: Redis;
  readonly #queue: FleetQueue;

  constructor(runtime: string, redis: Redis, queue: FleetQueue, inbox: Inbox) {
    this.#runtime = runtime;
    this.#redis = redis;
    this.#queue = queue;
    this.inbox = inbox;
    this.post = postThrough(redis);
  }

  /** Resolves when any worker may take it. The same job is there once, however often it is offered. */
  async offer(job: string, data: Pick<JobData, "task" | "task_id" | "lease_ms">): Promise<void> {
    const whole = { ...data, runtime: this.#runtime, inbox: this.inbox.key };
    await this.#queue.add(data.task, whole, { jobId: job, removeOnComplete: true, removeOnFail: true });
  }

  /** Takes it out of the queue, unless a worker has it. */
  async remove(job: string): Promise<void> {
    await this.#queue.remove(job);
  }

  /** For each whether its job is there, or with `isTaken` whether a worker still holds it. */
  async areThere(jobs: readonly { readonly job: string; readonly isTaken: boolean }[]): Promise<boolean[]> {
    const asked = this.#redis.pipeline();
    for (const { job, isTaken } of jobs) asked.exists(isTaken ? lockKey(job) : jobKey(job));
    const answers = (await asked.exec()) ?? [];
    return answers.map(([error, there]) => {
      if (error) throw error;
      return there === 1;
    });
  }

  close(): Promise<void> {
    return sayGoodbye(this.#redis, [this.inbox.close(), this.#queue.close()]);
  }
}

/**
 * Resolves when Redis answers and nothing of an earlier run is under way.
 * @throws OPTIONAL_PACKAGE_MISSING, and Error when it is given up
 */
export async function openLink(options: LinkOptions): Promise<Link> {
  const { dataDirectory, leaseMs, log, onLetter } = options;
  const packages = await loadPackages();
  const runtime = await runtimeId(dataDirectory);
  const redis = connect(packages, options);
  const events = { maxLen: keptEvents };
  const queue: FleetQueue = new packages.bullmq.Queue(queueName, {
    connection: redis,
    prefix,
    streams: { events },
  });
  queue.on("error", () => undefined); // of the connection, which has told of it
  try {
    await endLeftovers({ queue, redis, runtime, log });
    const key = inboxKey(randomUUID());
    const inbox = await Inbox.open({ key, redis, lifeMs: leaseMs, log, onLetter });
    return new Link(runtime, redis, queue, inbox);
  } catch (error) {
    redis.disconnect();
    throw error;
  }
}

/** Says once that it is away, and once that it is back. */
export function connect(
  { connect: open }: Packages,
  { url, log, givenUp, onProblem }: Pick<LinkOptions, "url" | "log" | "givenUp" | "onProblem">,
): Redis {
  let problem: string | null = null;
  const onError = (error: Error): void => {
    if (problem === error.message) return;
    problem = error.message;
    onProblem(problem);
    log.warn({ problem }, "the fleet's Redis cannot be reached: tried again until it can");
  };
  const redis = open(url, onError, givenUp);
  redis.on("ready", () => {
    if (problem !== null) log.info({}, "the fleet's Redis can be reached again");
    problem = null;
    onProblem(null);
  });
  return redis;
}

const identitySchema = z.object({ runtime: z.uuid() });

/** The same at every start with this data directory. */
async function runtimeId(dataDirectory: string): Promise<string> {
  const file = syncedJsonFile<unknown>(path.join(dataDirectory, "fleet.json"));
  const known = identitySchema.safeParse(await file.read());
  if (known.success) return known.data.runtime;
  const runtime = randomUUID();
  await file.write({ runtime });
  return runtime;
}
