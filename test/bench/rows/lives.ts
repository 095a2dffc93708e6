// Whole lives, submitted over HTTP, run and finished, each step durable, against BullMQ on a Redis that syncs always.
import { setTimeout as wait } from "node:timers/promises";
import type { WireTask } from "../../../src/api/record.ts";
import { type Armature, listening, startArmature } from "../armature.ts";
import { median } from "../figures.ts";
import { load } from "../load.ts";
import { startRedis } from "../redis.ts";
import { type Row, ratioAtLeast, type Skipped } from "../row.ts";
import type { Stage } from "../stage.ts";

const connections = 64;

/** As it ships, and with room for every connection; the same on both sides. */
const settings = (lives: number) => [
  { atATime: 3, count: lives / 3 },
  { atATime: connections, count: lives },
];

export async function lives(stage: Stage): Promise<(Row | Skipped)[]> {
  const rows: (Row | Skipped)[] = [];
  for (const { atATime, count } of settings(stage.scale.lives)) {
    const what = `whole lives, ${connections} connections, ${atATime} tasks at a time`;
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < stage.scale.rounds; round++) {
      const rate = await bullRate(stage, atATime, count);
      if (rate === null) return [...rows, { what, skipped: "redis-server is not installed" }];
      theirs.push(rate);
      ours.push(await ourRate(stage, atATime, count));
    }
    rows.push({
      what,
      measured: median(ours),
      unit: "/s",
      ceiling: { what: "BullMQ, Redis appendfsync always", value: median(theirs) },
      goal: ratioAtLeast(1.5),
      note: "lives: submitted over HTTP, run and finished; neither side forgets any; a fresh server (and Redis) each round, warmed up",
    });
  }
  return rows;
}

async function ourRate(stage: Stage, atATime: number, count: number): Promise<number> {
  const armature = await startArmature(stage, { limits: { max_concurrent_tasks: atATime } });
  const rate = await rateOf(stage, count, armature.url, () => finishedIn(armature));
  await stage.end(armature.program);
  return rate;
}

async function bullRate(stage: Stage, concurrency: number, count: number): Promise<number | null> {
  const redis = await startRedis(stage);
  if (!redis) return null;
  const program = stage.startOurs("bullmq", [{ redisPort: redis.port, concurrency }]);
  const url = await program.says(listening);
  const rate = await rateOf(stage, count, url, async () => {
    return (await (await fetch(`${url}/finished`)).json()) as Finished;
  });
  await stage.end(program);
  return rate;
}

interface Finished {
  readonly finished: number;
  /** Milliseconds since 1970; when the last one did. */
  readonly lastAt: number;
}

async function finishedIn(armature: Armature): Promise<Finished> {
  const finished = await armature.completed();
  const [last] = await armature.ask<WireTask[]>("GET", "/tasks/history?limit=1");
  return { finished, lastAt: Date.parse(last?.completed_at ?? "") };
}

/** From the first request until the last has finished. */
async function rateOf(
  stage: Stage,
  count: number,
  url: string,
  look: () => Promise<Finished>,
): Promise<number> {
  const run = async (requests: number): Promise<number> => {
    const goal = (await look()).finished + requests;
    const body = { task: "empty_task", parameters: {} };
    const loading = load(stage, { url: `${url}/tasks`, body, connections, requests });
    let seen = await look();
    let movedAt = performance.now();
    while (seen.finished < goal) {
      await Promise.race([wait(lookEveryMs), loading.then(() => wait(5))]);
      const before = seen.finished;
      seen = await look();
      if (seen.finished > before) movedAt = performance.now();
      if (performance.now() - movedAt > standstillMs)
        throw new Error(`${url} has finished ${seen.finished} of ${goal} and finishes no more`);
    }
    return (1000 * requests) / (seen.lastAt - (await loading).startedAt);
  };
  await run(Math.max(connections, Math.round(count / 2)));
  return run(count);
}

/** Looking costs both sides a request or two. */
const lookEveryMs = 200;
const standstillMs = 60_000;
