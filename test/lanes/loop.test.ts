import { createTaskFiles } from "../../src/lanes/files.ts";
import { LoopLane } from "../../src/lanes/loop.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { describeLane } from "../contracts/lane.ts";
import { quiet } from "./quiet.ts";

describeLane({
  name: "event loop",
  file: "loop_tasks.ts",
  open: (dataDirectory) =>
    new LoopLane({
      clock: systemClock,
      log: quiet,
      files: (taskId) => createTaskFiles({ dataDirectory, mediaDirectories: () => [], taskId }),
      devices: () => ({}),
      services: {} as never,
    }),
});
