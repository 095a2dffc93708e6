import { describeLane } from "../contracts/lane.ts";
import { openIsolatedLane } from "./isolated-lane.ts";

describeLane({ name: "isolated", file: "loop_tasks.ts", open: openIsolatedLane });
