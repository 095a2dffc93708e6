// The ways of executing that this runtime has, what attempts find there, and the watch over its event loop.
import type { EventBus } from "./events/bus.ts";
import { openFleet } from "./fleet.ts";
import type { DeviceState } from "./hardware/device.ts";
import type { Devices } from "./hardware/devices.ts";
import { createTaskFiles } from "./lanes/files.ts";
import type { FleetLane } from "./lanes/fleet/lane.ts";
import { IsolatedLane } from "./lanes/isolated/lane.ts";
import { LoopLane } from "./lanes/loop.ts";
import { Watchdog } from "./lanes/watchdog/watchdog.ts";
import { WorkerLane } from "./lanes/worker/worker-lane.ts";
import type { Clock } from "./lib/clock.ts";
import type { Closers } from "./lib/closers.ts";
import type { Logger } from "./lib/logger.ts";
import type { ProcessNotes } from "./lib/processes/notes.ts";
import { CloudPlaces } from "./services/cloud/places.ts";
import { shared } from "./services/in-child.ts";
import { createServices } from "./services/services.ts";
import type { Firmware } from "./settings/firmware.ts";
import type { Settings } from "./settings/load.ts";
import type { Quarantine } from "./store/quarantine.ts";

export interface LaneParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Of the start. */
  readonly settings: Pick<Settings, "cloud" | "directories" | "redis">;
  readonly mediaDirectories: () => readonly string[];
  readonly firmware: () => Firmware;
  readonly devices: Devices;
  readonly events: EventBus;
  readonly quarantine: Quarantine;
  readonly processes: ProcessNotes;
  readonly watchesLoop: boolean;
}

export interface Lanes {
  readonly lanes: {
    readonly async: LoopLane;
    readonly blocking: WorkerLane;
    readonly isolated: IsolatedLane;
    readonly fleet?: FleetLane;
  };
  /** Null where nobody wants it. */
  readonly watchdog: Watchdog | null;
  /** Where transfers keep what they have packed. */
  readonly cloudPlaces: CloudPlaces;
}

export async function openLanes(parts: LaneParts, closers: Closers): Promise<Lanes> {
  const { clock, log, settings, mediaDirectories, firmware, devices, events, processes, quarantine } = parts;
  const dataDirectory = settings.directories.data;
  const fleet = await openFleet(settings, log);
  closers.add("the fleet", () => fleet?.close());
  const cloudPlaces = new CloudPlaces(dataDirectory);
  closers.add("the transfers", () => cloudPlaces.close());
  const services = createServices({ dataDirectory, clock, quarantine, cloud: settings.cloud, cloudPlaces });
  const watchdog = parts.watchesLoop ? watchLoop() : null;
  const async = new LoopLane({
    clock,
    log,
    files: (taskId) => createTaskFiles({ dataDirectory, mediaDirectories, taskId }),
    devices: (uses, signal) => devices.bind(uses, signal),
    services,
    onStart: watchdog ? ({ taskId, type }) => watchdog.started(taskId, type.name) : undefined,
  });
  const blocking = new WorkerLane({
    workers: () => firmware().limits.blocking_workers,
    log,
    dataDirectory,
    mediaDirectories,
  });
  const isolated = new IsolatedLane({
    entry: new URL("./child.mjs", import.meta.url),
    clock,
    log,
    dataDirectory,
    mediaDirectories,
    devices: (uses, signal) => devices.bind(uses, signal),
    onDeviceChange: (listener) => deviceChanges(events, listener),
    services: shared(services),
    warm: () => firmware().limits.warm_processes,
    notes: processes,
  });
  closers.add("the watchdog", () => watchdog?.close());
  closers.add("the workers", () => blocking.close());
  closers.add("the processes", () => isolated.close());
  return { lanes: { async, blocking, isolated, ...(fleet && { fleet }) }, watchdog, cloudPlaces };

  /** Null where the owner does not want it. */
  function watchLoop(): Watchdog | null {
    const thresholdMs = firmware().limits.loop_blocked_ms;
    if (thresholdMs === null) return null;
    return new Watchdog({
      thresholdMs,
      log,
      isLogged: () => ["debug", "info", "warn"].includes(firmware().log_level),
      running: () => async.running(),
      onBlocked: ({ blocked_ms, running, where }) =>
        events.publish({ type: "loop_blocked", task_id: null, blocked_ms, running, where }),
    });
  }
}

function deviceChanges(events: EventBus, listener: (name: string) => void): () => void {
  return events.subscribe(({ type, device }) => {
    if (type === "device_changed") listener((device as DeviceState).name);
  });
}
