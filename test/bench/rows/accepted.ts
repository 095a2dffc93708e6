// Tasks accepted over HTTP, each durable before its answer, against a route that only echoes.
import { type ArmatureOptions, listening, startArmature } from "../armature.ts";
import { median } from "../figures.ts";
import { load } from "../load.ts";
import { type Row, ratioAtLeast } from "../row.ts";
import type { Stage } from "../stage.ts";

const goals = [
  { connections: 16, ratio: 0.3 },
  { connections: 64, ratio: 0.4 },
];

export async function accepted(stage: Stage): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { connections, ratio } of goals) {
    const ours: number[] = [];
    const bare: number[] = [];
    for (let round = 0; round < stage.scale.rounds; round++) {
      bare.push(await bareRate(stage, connections));
      ours.push(await ourRate(stage, connections));
    }
    rows.push({
      what: `tasks accepted over HTTP, ${connections} connections`,
      measured: median(ours),
      unit: "/s",
      ceiling: { what: "bare Hono POST", value: median(bare) },
      goal: ratioAtLeast(ratio),
      note: "accepted: the queue is paused, each task is synced to the disk before its 202; a fresh server each round, warmed up",
    });
  }
  return rows;
}

async function bareRate(stage: Stage, connections: number): Promise<number> {
  const program = stage.startOurs("bare-hono");
  const rate = await rateOf(stage, await program.says(listening), connections);
  await stage.end(program);
  return rate;
}

/** A fresh server each time: what waits in one grows. */
async function ourRate(stage: Stage, connections: number, options?: ArmatureOptions): Promise<number> {
  const armature = await startArmature(stage, options);
  await armature.pauseQueue();
  const rate = await rateOf(stage, armature.url, connections);
  await stage.end(armature.program);
  return rate;
}

async function rateOf(stage: Stage, url: string, connections: number): Promise<number> {
  const { loadSeconds: seconds, warmUpRequests } = stage.scale;
  const body = { task: "empty_task", parameters: {} };
  return (await load(stage, { url: `${url}/tasks`, body, connections, seconds, warmUpRequests })).perSecond;
}
