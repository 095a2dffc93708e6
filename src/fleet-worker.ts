// A worker of the fleet, as `armature worker` starts it: the same task folders, the fleet's queue, and a process of its own
// for each task. The composition root of the other side; no engine, no API, no devices.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { RuntimeError } from "./errors/runtime-error.ts";
import { absentDevices, absentServices } from "./lanes/fleet/worker/absent.ts";
import { FleetWorker } from "./lanes/fleet/worker/worker.ts";
import { IsolatedLane } from "./lanes/isolated/lane.ts";
import { systemClock } from "./lib/clock.ts";
import { Closers } from "./lib/closers.ts";
import { identityOf, isAlive } from "./lib/processes/identity.ts";
import { ProcessNotes } from "./lib/processes/notes.ts";
import { discoveryOf } from "./limits.ts";
import { createLog } from "./log.ts";
import { Registry } from "./registry/registry.ts";
import { sharedNames } from "./services/in-child.ts";
import type { Environment } from "./settings/environment.ts";
import { loadSettings } from "./settings/load.ts";
import { shownRedisUrl } from "./settings/redis.ts";

export interface WorkerOptions {
  /** The folder with settings/ and tasks/, absolute. */
  readonly projectRoot: string;
  readonly env: Environment;
  /** In place of the one in the settings. */
  readonly url: string | null;
  readonly concurrency: number;
  /** Aborted where nobody waits for Redis any more. */
  readonly givenUp: AbortSignal;
  /** Told the one line that says it is ready to work. */
  readonly print: (line: string) => void;
}

export interface RunningWorker {
  /** Takes nothing more, lets tasks clean up, and ends. Twice without harm. */
  close(): Promise<void>;
}

/** @throws LANE_UNAVAILABLE without a Redis, OPTIONAL_PACKAGE_MISSING, INVALID_SETTINGS; then nothing is left held */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const closers = new Closers();
  try {
    await build(options, closers);
    return { close: () => closers.close() };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

/** What workers that were killed have left; another user's stays where it is. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(os.tmpdir())) {
    const pid = /^armature-worker-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || isAlive(identityOf(Number(pid)))) continue;
    await rm(path.join(os.tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

async function build(options: WorkerOptions, closers: Closers): Promise<void> {
  const { projectRoot, env, concurrency, print } = options;
  const settings = await loadSettings({ projectRoot, env });
  const { firmware, directories } = settings;
  const url = options.url ?? settings.redis.url;
  if (url === null) throw new RuntimeError("LANE_UNAVAILABLE", { lane: "fleet" });
  const log = createLog(firmware.log_level);
  const clock = systemClock;

  // What tasks write here goes to the runtime, or goes with the worker: beside a runtime's own data, never in it.
  await removeAbandoned();
  const dataDirectory = await mkdtemp(path.join(os.tmpdir(), `armature-worker-${process.pid}-`));
  closers.add("the worker's directory", () => rm(dataDirectory, { recursive: true, force: true }));

  const registry = new Registry({
    projectRoot: directories.project,
    externalDirectory: directories.externalTasks,
    clock,
    log,
    discovery: () => discoveryOf(firmware),
  });
  closers.add("the registry", () => registry.close());
  await registry.discover();
  await registry.watch();

  const lane = new IsolatedLane({
    entry: new URL("./child.mjs", import.meta.url),
    clock,
    log,
    dataDirectory,
    mediaDirectories: () => firmware.media_directories.map((one) => path.resolve(directories.project, one)),
    devices: absentDevices,
    onDeviceChange: () => () => undefined,
    services: absentServices(sharedNames),
    warm: () => firmware.limits.warm_processes,
    notes: new ProcessNotes(path.join(dataDirectory, "processes"), log),
  });
  closers.add("the processes", () => lane.close());

  const worker = await FleetWorker.open({
    url,
    name: `${os.hostname()}:${process.pid}`,
    types: registry,
    lane,
    concurrency,
    dataDirectory,
    clock,
    log,
    givenUp: options.givenUp,
    graceSeconds: firmware.limits.cancel_grace_seconds,
  });
  closers.add("the worker", () => worker.close());
  const types = registry.names().length;
  print(`Armature works for ${shownRedisUrl(url)}: ${types} task types, ${concurrency} at a time`);
}
