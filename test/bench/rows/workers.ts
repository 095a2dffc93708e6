// What each worker adds to the memory, against a thread of the bare pool.
import { setTimeout as wait } from "node:timers/promises";
import { startArmature } from "../armature.ts";
import { whyNotWeighed } from "../program.ts";
import type { Row, Skipped } from "../row.ts";
import type { Stage } from "../stage.ts";

const threads = 4;
const restMs = 500;

export async function workers(stage: Stage): Promise<(Row | Skipped)[]> {
  const what = `resident memory for each of ${threads} workers`;
  if (whyNotWeighed !== null) return [{ what, skipped: whyNotWeighed }];
  const pool = stage.startOurs("bare-pool", [{ threads, tasks: threads, warmUp: threads, rounds: 1 }]);
  const { bytesPerThread } = await pool.answer<{ bytesPerThread: number }>();
  const armature = await startArmature(stage, { limits: { blocking_workers: threads } });
  await wait(restMs);
  const before = await armature.program.residentBytes();
  const tasks = await Promise.all(
    Array.from({ length: threads }, () => armature.submit("sleeping_blocking_task")),
  );
  for (const { id } of tasks) await armature.running(id);
  await wait(restMs);
  const after = await armature.program.residentBytes();
  for (const { id } of tasks) await armature.ask("DELETE", `/tasks/${id}`);
  return [
    {
      what,
      measured: (after - before) / threads / 1e6,
      unit: "MB",
      ceiling: { what: "a thread of a bare Piscina", value: bytesPerThread / 1e6 },
      goal: null,
      note: "workers: ours have the TypeScript loader and the task contract in them",
    },
  ];
}
