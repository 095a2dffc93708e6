// Blocking tasks that each need a processor for 10 ms, against the bare pool with as many threads.
import os from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import type { WireTask } from "../../../src/api/record.ts";
import { type Armature, startArmature } from "../armature.ts";
import { median } from "../figures.ts";
import { type Row, ratioAtLeast } from "../row.ts";
import type { Stage } from "../stage.ts";
import { spin } from "../tasks/_spin.mjs";

const milliseconds = 10;

export async function blocking(stage: Stage): Promise<Row[]> {
  const threads = os.availableParallelism();
  const rounds = roundsFor(milliseconds);
  const { blockingTasks: tasks } = stage.scale;
  const warmUp = 10 * threads;
  const armature = await startArmature(stage, { limits: { blocking_workers: threads } });
  await runAll(armature, warmUp, rounds);
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < stage.scale.rounds; round++) {
    const pool = stage.startOurs("bare-pool", [{ threads, tasks, warmUp, rounds }]);
    bare.push((await pool.answer<{ perSecond: number }>()).perSecond);
    ours.push((1000 * tasks) / (await runAll(armature, tasks, rounds)));
  }
  return [
    {
      what: `blocking tasks of ${milliseconds} ms CPU, ${threads} workers`,
      measured: median(ours),
      unit: "/s",
      ceiling: { what: "bare Piscina", value: median(bare) },
      goal: ratioAtLeast(0.8),
      note: "blocking: from the first start to the last end as the records tell; all were accepted before",
    },
  ];
}

/** All wait before the first starts. @returns milliseconds from the first start to the last end */
async function runAll(armature: Armature, count: number, rounds: number): Promise<number> {
  const before = await armature.completed();
  await armature.pauseQueue();
  await armature.submitMany(count, "spinning_task", 16, { rounds });
  await armature.ask("POST", "/queue/resume");
  while ((await armature.completed()) < before + count) await wait(50);
  const ended = await armature.ask<WireTask[]>("GET", `/tasks/history?limit=${count}`);
  const starts = ended.map(({ started_at }) => Date.parse(started_at ?? ""));
  const ends = ended.map(({ completed_at }) => Date.parse(completed_at ?? ""));
  return Math.max(...ends) - Math.min(...starts);
}

/** The best of many counts: what else the machine does is not the task's. */
function roundsFor(ms: number): number {
  const sample = 1_000_000;
  let best = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 30; turn++) {
    const begun = performance.now();
    spin(sample);
    best = Math.min(best, performance.now() - begun);
  }
  return Math.round((sample * ms) / best);
}
