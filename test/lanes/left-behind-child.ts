// A process of its own for what must not happen in a test's: what an ended task left behind fails when nothing runs.
import os from "node:os";
import { createTaskFiles } from "../../src/lanes/files.ts";
import { LoopLane } from "../../src/lanes/loop.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { quiet } from "../quiet.ts";
import { begin, taskTypeOf } from "./work.ts";

const warnings: string[] = [];
const lane = new LoopLane({
  clock: systemClock,
  log: { ...quiet, warn: (_, message) => warnings.push(message) },
  files: (taskId) => createTaskFiles({ dataDirectory: os.tmpdir(), mediaDirectories: () => [], taskId }),
  devices: () => ({}),
  services: {} as never,
});
const failed = new Promise((resolve) => {
  for (const event of ["unhandledRejection", "uncaughtException"])
    process.on(event, (error) => resolve({ event, owned: lane.blame(error) }));
});
const { how } = await begin(lane, await taskTypeOf("loop_tasks.ts", "LeavesBehind"), {
  how: process.argv[2],
}).ended;
process.stdout.write(JSON.stringify({ how, ...((await failed) as object), warnings }));
