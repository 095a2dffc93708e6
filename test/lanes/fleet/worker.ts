// A worker of the fleet as a program of its own, with the tasks of one fixture file instead of discovered ones.
import type { TaskType } from "../../../src/engine/ports.ts";
import { absentDevices, absentServices } from "../../../src/lanes/fleet/worker/absent.ts";
import { FleetWorker } from "../../../src/lanes/fleet/worker/worker.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { sharedNames } from "../../../src/services/in-child.ts";
import { quiet } from "../../quiet.ts";
import { openIsolatedLane } from "../isolated-lane.ts";
import { fixtureTypes } from "../work.ts";

const [url = "", file = "", dataDirectory = ""] = process.argv.slice(2);
const types = new Map<string, TaskType>();
for (const type of await fixtureTypes(file)) types.set(type.name, type);

const worker = await FleetWorker.open({
  url,
  name: `test:${process.pid}`,
  types: { get: (name) => types.get(name), names: () => [...types.keys()], whyMissing: () => null },
  lane: openIsolatedLane(dataDirectory, { devices: absentDevices, services: absentServices(sharedNames) }),
  concurrency: 4,
  dataDirectory,
  clock: systemClock,
  log: quiet,
  graceSeconds: 0.2,
  givenUp: new AbortController().signal,
});
console.log("ready");
process.once("SIGTERM", () => void worker.close().then(() => process.exit()));
