import { describeLane } from "../contracts/lane.ts";
import { openIsolatedLane } from "./isolated-lane.ts";

describeLane({ name: "isolated", file: "blocking_tasks.ts", open: openIsolatedLane });
