// What an earlier run of this runtime left in the fleet when it was ended by kill -9: its jobs are taken back, and the
// workers that have one end it, before anything is run again.
import { setTimeout as wait } from "node:timers/promises";
import type { Redis } from "ioredis";
import type { Logger } from "../../lib/logger.ts";
import { type FleetQueue, lockKey } from "./connection.ts";
import { postThrough } from "./inbox.ts";
import type { JobData, Order } from "./messages.ts";

export interface Place {
  readonly queue: FleetQueue;
  readonly redis: Redis;
  /** Whose jobs are leftovers; none of this run is in the queue yet. */
  readonly runtime: string;
  readonly log: Logger;
}

const lookAgainMs = 100;

/** Resolves when no worker runs any of them: each has said so, or its lock ran out. */
export async function endLeftovers(place: Place): Promise<void> {
  const { queue, runtime, log } = place;
  const jobs = await queue.getJobs(["wait", "active", "prioritized", "delayed"]);
  const ours = jobs.filter((job) => job?.data?.runtime === runtime).flatMap(({ id }) => id ?? []);
  if (ours.length === 0) return;
  log.warn({ leftovers: ours.length }, "jobs of an earlier run are taken back from the fleet");
  await Promise.all(ours.map((id) => endOne(id, place)));
}

async function endOne(id: string, { queue, redis }: Place): Promise<void> {
  const post = postThrough(redis);
  const order = { job: id, number: 1, message: { type: "kill" } satisfies Order };
  for (let told: string | undefined; ; ) {
    const job = await queue.getJob(id);
    if (!job) return;
    const { worker, inbox }: JobData = job.data;
    // Who waits for its start there sees that nobody will send it.
    await redis.del(inbox);
    if ((await redis.exists(lockKey(id))) === 0) {
      await queue.remove(id);
      continue;
    }
    if (worker !== undefined && worker !== told) await post(worker, order);
    told = worker;
    await wait(lookAgainMs);
  }
}
