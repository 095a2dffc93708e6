// What a process of its own costs a task that does nothing: from the submit to its end, with a process that waits warm
// and with one that is started for it.
import { setTimeout as wait } from "node:timers/promises";
import type { WireTask } from "../../../src/api/record.ts";
import { type Armature, startArmature } from "../armature.ts";
import { median } from "../figures.ts";
import type { Row } from "../row.ts";
import type { Stage } from "../stage.ts";

/** Until the next process is warm. */
const restMs = 2000;

export async function isolated(stage: Stage): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [warm_processes, how] of [
    [1, "warm"],
    [0, "cold"],
  ] as const) {
    const armature = await startArmature(stage, { limits: { warm_processes } });
    await life(armature, "isolated_empty_task");
    const lives: number[] = [];
    const bare: number[] = [];
    for (let turn = 0; turn < stage.scale.processes; turn++) {
      if (warm_processes > 0) await wait(restMs);
      bare.push(await life(armature, "empty_task"));
      lives.push(await life(armature, "isolated_empty_task"));
    }
    rows.push({
      what: `start and end of an isolated task, ${how}`,
      measured: median(lives),
      unit: "ms",
      ceiling: { what: "the same in the event loop", value: median(bare) },
      goal: null,
      note: `isolated: from POST /tasks?wait to its answer, ${stage.scale.processes} times; the process is gone by then`,
    });
  }
  return rows;
}

/** @returns milliseconds */
async function life(armature: Armature, task: string): Promise<number> {
  const begun = performance.now();
  const { status } = await armature.ask<WireTask>("POST", "/tasks?wait=30", { task });
  if (status !== "completed") throw new Error(`${task} is ${status}`);
  return performance.now() - begun;
}
