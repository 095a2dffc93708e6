// Tasks in processes of their own: the same contract as in the event loop and in threads, and what only a process can do.
import path from "node:path";
import { IsolatedLane, type IsolatedLaneOptions } from "../../src/lanes/isolated/lane.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { ProcessNotes } from "../../src/lib/processes/notes.ts";
import { describeLane } from "../contracts/lane.ts";
import { quiet } from "../quiet.ts";

const openLane = (dataDirectory: string, more: Partial<IsolatedLaneOptions> = {}): IsolatedLane =>
  new IsolatedLane({
    entry: new URL("../../src/child.mjs", import.meta.url),
    clock: systemClock,
    log: quiet,
    dataDirectory,
    mediaDirectories: () => [],
    devices: () => ({}),
    onDeviceChange: () => () => undefined,
    services: { projects: {} },
    warm: () => 1,
    notes: new ProcessNotes(path.join(dataDirectory, "processes"), quiet),
    ...more,
  });

describeLane({ name: "isolated (async)", file: "loop_tasks.ts", open: openLane });
describeLane({ name: "isolated (blocking)", file: "blocking_tasks.ts", open: openLane });
