// A process of its own for what must not happen in a test's: an error nobody awaits, with the handlers of main.ts.
import os from "node:os";
import { setImmediate as loopTurn } from "node:timers/promises";
import { createTaskFiles } from "../../src/lanes/files.ts";
import { LoopLane } from "../../src/lanes/loop.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { quiet } from "../quiet.ts";
import { begin, taskTypeOf } from "./work.ts";

const lane = new LoopLane({
  clock: systemClock,
  log: quiet,
  files: (taskId) => createTaskFiles({ dataDirectory: os.tmpdir(), mediaDirectories: () => [], taskId }),
  devices: () => ({}),
  services: {} as never,
});
const told: { event?: string; owned?: boolean } = {};
for (const event of ["unhandledRejection", "uncaughtException"])
  process.on(event, (error) => Object.assign(told, { event, owned: lane.blame(error) }));

const guilty = begin(lane, await taskTypeOf("loop_tasks.ts", "Unawaited"), { how: process.argv[2] });
// Node 20 knows the owner of a microtask by its file alone, and both are in one: the first line of the one comes first.
await loopTurn();
const innocent = begin(lane, await taskTypeOf("loop_tasks.ts", "Counts"), { steps: 100 });
const endings = { guilty: await guilty.ended, innocent: await innocent.ended };
process.stdout.write(JSON.stringify({ ...told, ...endings, afterwards: lane.blame(new Error("nobody's")) }));
