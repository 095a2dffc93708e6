// Whole lives, submitted over HTTP, run and finished, each step durable, against BullMQ on a Redis that syncs always.
import { setTimeout as wait } from "node:timers/promises";
import { listening, startArmature } from "../armature.ts";
import { median } from "../figures.ts";
import { load } from "../load.ts";
import { startRedis } from "../redis.ts";
import { type Row, ratioAtLeast, type Skipped } from "../row.ts";
import type { Stage } from "../stage.ts";

const connections = 64;
/** Tasks at the same time, on both sides. */
const concurrency = 64;

export async function lives(stage: Stage): Promise<(Row | Skipped)[]> {
  const what = `whole lives, submitted over HTTP with ${connections} connections, ${concurrency} at a time`;
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < stage.scale.rounds; round++) {
    const rate = await bullRate(stage);
    if (rate === null) return [{ what, skipped: "redis-server is not installed" }];
    theirs.push(rate);
    ours.push(await ourRate(stage));
  }
  return [
    {
      what,
      measured: median(ours),
      unit: "/s",
      ceiling: { what: "BullMQ, Redis appendfsync always", value: median(theirs) },
      goal: ratioAtLeast(1.5),
      note: "a life counts when it has finished; neither side forgets any; a fresh server (and Redis) each round, warmed up",
    },
  ];
}

async function ourRate(stage: Stage): Promise<number> {
  const armature = await startArmature(stage, { limits: { max_concurrent_tasks: concurrency } });
  const rate = await rateOf(stage, armature.url, () => armature.completed());
  await stage.end(armature.program);
  return rate;
}

async function bullRate(stage: Stage): Promise<number | null> {
  const redis = await startRedis(stage);
  if (!redis) return null;
  const program = stage.startOurs("bullmq", [{ redisPort: redis.port, concurrency }]);
  const url = await program.says(listening);
  const rate = await rateOf(stage, url, async () => {
    const { finished } = (await (await fetch(`${url}/finished`)).json()) as { finished: number };
    return finished;
  });
  await stage.end(program);
  return rate;
}

/** From the first request until the last has finished. */
async function rateOf(stage: Stage, url: string, finished: () => Promise<number>): Promise<number> {
  const { warmUpRequests, lives: count } = stage.scale;
  const run = async (requests: number): Promise<number> => {
    const goal = (await finished()) + requests;
    const body = { task: "empty_task", parameters: {} };
    const loading = load(stage, { url: `${url}/tasks`, body, connections, requests });
    while ((await finished()) < goal) await Promise.race([wait(lookEveryMs), loading.then(() => wait(5))]);
    const endedAt = Date.now();
    return (1000 * requests) / (endedAt - (await loading).startedAt);
  };
  if (warmUpRequests > 0) await run(warmUpRequests);
  return run(count);
}

/** Looking costs both sides a request. */
const lookEveryMs = 25;
