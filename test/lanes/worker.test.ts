import { WorkerLane } from "../../src/lanes/worker/worker-lane.ts";
import { describeLane } from "../contracts/lane.ts";
import { quiet } from "./quiet.ts";

describeLane({
  name: "worker",
  file: "blocking_tasks.ts",
  open: (dataDirectory) =>
    new WorkerLane({ workers: () => 2, log: quiet, dataDirectory, mediaDirectories: () => [] }),
});
