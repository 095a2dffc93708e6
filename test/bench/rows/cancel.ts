// From the request to cancel to the end of the task, as a client sees both, against a round trip that does nothing.
import type { WireTask } from "../../../src/api/record.ts";
import { hasEnded } from "../../../src/task/lifecycle.ts";
import { type Armature, startArmature } from "../armature.ts";
import { quantile } from "../figures.ts";
import type { Row } from "../row.ts";
import type { Stage } from "../stage.ts";

const kinds = [
  { task: "sleeping_task", what: "a cooperative async task" },
  { task: "looking_task", what: "a busy blocking task that looks at its signal" },
  { task: "ignoring_task", what: "one that ignores it, no grace: its thread is ended" },
  { task: "isolated_ignoring_task", what: "an isolated busy loop, no grace: its process is ended", isUp: 1 },
];

export async function cancel(stage: Stage): Promise<Row[]> {
  const armature = await startArmature(stage);
  const rows: Row[] = [];
  for (const { task, what, isUp = 0 } of kinds) {
    const trips: number[] = [];
    const cancels: number[] = [];
    await cancelled(armature, task, isUp);
    for (let turn = 0; turn < stage.scale.cancels; turn++) {
      trips.push(await roundTrip(armature));
      cancels.push(await cancelled(armature, task, isUp));
    }
    for (const share of [0.5, 0.99])
      rows.push({
        what: `cancel of ${what}, p${share * 100}`,
        measured: quantile(cancels, share),
        unit: "ms",
        ceiling: { what: "GET /health/live", value: quantile(trips, share) },
        goal: null,
        note: `cancel: from DELETE /tasks/{id} to the answer of GET /tasks/{id}?wait that says it has ended, ${stage.scale.cancels} times`,
      });
  }
  return rows;
}

/**
 * @param isUp the progress by which it says that it runs; 0 where that follows from its status
 * @returns milliseconds
 */
async function cancelled(armature: Armature, task: string, isUp: number): Promise<number> {
  const { id } = await armature.submit(task);
  await armature.running(id, isUp);
  const ended = armature.ask<WireTask>("GET", `/tasks/${id}?wait=30`);
  await roundTrip(armature); // the look is there before the cancel
  const begun = performance.now();
  const asked = armature.ask("DELETE", `/tasks/${id}`);
  const { status } = await ended;
  const ms = performance.now() - begun;
  await asked;
  if (!hasEnded(status)) throw new Error(`${task} is still ${status}`);
  return ms;
}

async function roundTrip(armature: Armature): Promise<number> {
  const begun = performance.now();
  await armature.ask("GET", "/health/live");
  return performance.now() - begun;
}
