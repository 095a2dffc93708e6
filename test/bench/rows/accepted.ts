// Tasks accepted over HTTP, each durable before its answer, against a route that only echoes.
import { listening, startArmature } from "../armature.ts";
import { median } from "../figures.ts";
import { load } from "../load.ts";
import { type Row, ratioAtLeast } from "../row.ts";
import type { Stage } from "../stage.ts";

const goals = [
  { connections: 16, ratio: 0.3 },
  { connections: 64, ratio: 0.4 },
];

export async function accepted(stage: Stage): Promise<Row[]> {
  const figures = goals.map((goal) => ({ ...goal, ours: [] as number[], bare: [] as number[] }));
  for (let round = 0; round < stage.scale.rounds; round++) {
    const program = stage.startOurs("bare-hono");
    const url = await program.says(listening);
    for (const { connections, ours, bare } of figures) {
      bare.push(await rateOf(stage, url, connections));
      ours.push(await ourRate(stage, connections));
    }
    await stage.end(program);
  }
  return figures.map(({ connections, ratio, ours, bare }) => ({
    what: `tasks accepted over HTTP, ${connections} connections`,
    measured: median(ours),
    unit: "/s",
    ceiling: { what: "bare Hono POST", value: median(bare) },
    goal: ratioAtLeast(ratio),
    note: "accepted: the queue is paused, each task is synced to the disk before its 202; warmed up, in turns",
  }));
}

/** A fresh server each time: what waits in one grows. */
async function ourRate(stage: Stage, connections: number): Promise<number> {
  const armature = await startArmature(stage);
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
