// The way to Redis: the two optional packages, loaded when somebody wants the fleet, and the names its keys have there.
import { setTimeout as wait } from "node:timers/promises";
import type { Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { JobData } from "./messages.ts";

export type FleetQueue = Queue<JobData>;
export type FleetTaker = Worker<JobData>;

/** All keys of the fleet begin with these two. */
export const prefix = "armature";
export const queueName = "fleet";

export const inboxKey = (id: string): string => `${prefix}:${queueName}:inbox:${id}`;

/** What a worker holds while it has a job; Redis lets it run out. */
export const lockKey = (job: string): string => `${jobKey(job)}:lock`;
export const jobKey = (job: string): string => `${prefix}:${queueName}:${job}`;

export interface Packages {
  readonly bullmq: typeof import("bullmq");
  /** A connection that tries again for as long as it takes, or until it is given up; `onError` hears why it has to. */
  connect(url: string, onError: (error: Error) => void, givenUp: AbortSignal): Redis;
}

/** @throws OPTIONAL_PACKAGE_MISSING */
export async function loadPackages(): Promise<Packages> {
  const [bullmq, ioredis] = await Promise.all([
    import("bullmq").catch(missing("bullmq")),
    import("ioredis").catch(missing("ioredis")),
  ]);
  return {
    bullmq,
    connect(url, onError, givenUp) {
      const redis = new ioredis.Redis(url, {
        maxRetriesPerRequest: null,
        socketTimeout: longestSilenceMs,
        retryStrategy,
      });
      redis.on("error", onError);
      const giveUp = (): void => hangUp(redis);
      if (givenUp.aborted) giveUp();
      else givenUp.addEventListener("abort", giveUp, { once: true });
      return redis;
    },
  };
}

/** Ends what is to be told, and then the connection; a Redis that is away keeps nobody. */
export async function sayGoodbye(redis: Redis, farewells: readonly Promise<unknown>[]): Promise<void> {
  const late = wait(longestFarewellMs, undefined, { ref: false });
  await Promise.race([Promise.allSettled(farewells), late]);
  hangUp(redis);
}

/**
 * Whoever still waits for an answer is told that none comes. Between two tries ioredis tells nobody (its timer is gone,
 * and its end with it), so a try is begun to be broken off.
 */
function hangUp(redis: Redis): void {
  redis.disconnect();
  if (redis.status !== "reconnecting") return;
  redis.connect().catch(() => "that it is broken off is what was asked for");
  redis.disconnect();
}

const longestFarewellMs = 3000;
/** Nothing here waits longer for an answer: whoever gives none is not there any more. */
const longestSilenceMs = 20_000;
const slowestRetryMs = 2000;
const retryStrategy = (times: number): number => Math.min(50 * 2 ** Math.min(times, 10), slowestRetryMs);

const missing = (name: string) => (error: Error) => {
  throw new RuntimeError("OPTIONAL_PACKAGE_MISSING", { name, problem: error.message });
};
