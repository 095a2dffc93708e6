// The isolated lane as the tests open it: with the real program of a child.
import path from "node:path";
import { IsolatedLane, type IsolatedLaneOptions } from "../../src/lanes/isolated/lane.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { ProcessNotes } from "../../src/lib/processes/notes.ts";
import { quiet } from "../quiet.ts";

export const openIsolatedLane = (
  dataDirectory: string,
  more: Partial<IsolatedLaneOptions> = {},
): IsolatedLane =>
  new IsolatedLane({
    entry: new URL("../../src/child.mjs", import.meta.url),
    clock: systemClock,
    log: quiet,
    dataDirectory,
    mediaDirectories: () => [],
    devices: () => ({}),
    onDeviceChange: () => () => undefined,
    services: { projects: {}, cloud: {} },
    warm: () => 1,
    notes: new ProcessNotes(path.join(dataDirectory, "processes"), quiet),
    ...more,
  });
