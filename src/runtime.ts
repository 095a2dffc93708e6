// The composition root: the only place that builds the parts, in order, and closes them in reverse.
import path from "node:path";
import { tidyCloud } from "./cloud.ts";
import type { TaskTypes } from "./engine/ports.ts";
import type { Schedules } from "./engine/schedules/schedules.ts";
import { TaskManager } from "./engine/task-manager.ts";
import { EventBus } from "./events/bus.ts";
import type { DeviceState } from "./hardware/device.ts";
import { type Devices, openDevices } from "./hardware/devices.ts";
import type { DeviceProfile } from "./hardware/profile.ts";
import { type Health, healthOf } from "./health.ts";
import { openLanes } from "./lanes.ts";
import { systemClock } from "./lib/clock.ts";
import { Closers } from "./lib/closers.ts";
import type { Logger } from "./lib/logger.ts";
import { ProcessNotes } from "./lib/processes/notes.ts";
import { discoveryOf, limitsOf } from "./limits.ts";
import { machineOf, profileSwitch, readProfile, reconnection } from "./machine.ts";
import { openMessages } from "./messages.ts";
import { lazyMetrics } from "./metrics.ts";
import type { Metrics } from "./outlets/metrics.ts";
import type { Messages } from "./outlets/redis/messages.ts";
import type { ProgramTypes } from "./registry/program-types.ts";
import { Registry } from "./registry/registry.ts";
import { hasSchedules, lazySchedules } from "./schedules.ts";
import type { Firmware } from "./settings/firmware.ts";
import { LiveSettings } from "./settings/live.ts";
import type { Settings } from "./settings/load.ts";
import { openStorage } from "./storage.ts";
import type { TaskStore } from "./store/task-store.ts";
import { webhookOutlet } from "./webhooks.ts";

export interface Runtime {
  readonly tasks: TaskManager;
  /** Those of the registry, and those the program brought. */
  readonly types: TaskTypes;
  /** Opened when they are first asked for, or at the start where there are any. */
  readonly schedules: () => Promise<Schedules>;
  readonly metrics: () => Promise<Metrics>;
  /** Taken from where the server says so. Null where there are none. */
  readonly messages: Messages | null;
  readonly registry: Registry;
  readonly events: EventBus;
  readonly devices: Devices;
  readonly settings: LiveSettings;
  readonly store: TaskStore;
  readonly mediaDirectories: () => readonly string[];
  /**
   * Lets go of a device and opens it again, as its profile has it now.
   * @throws UNKNOWN_DEVICE, DEVICE_CLAIMED while a task holds it, INVALID_SETTINGS
   */
  readonly reconnect: (name: string) => Promise<DeviceState>;
  readonly health: () => Health;
  /** Whether an error nobody caught belongs to a task or a task file, which then answers for it. */
  readonly blame: (error: unknown) => boolean;
  /** Stops in order: tasks, devices, stores. Twice without harm. */
  close(): Promise<void>;
}

/** What a program that embeds the runtime brings instead of files. */
export interface Brought {
  readonly profile?: DeviceProfile;
  readonly types?: ProgramTypes;
  /** No folder is watched, nobody's files are changed. */
  readonly isEmbedded?: boolean;
  /** Whether a thread watches the event loop. Default: unless it is embedded, when it is the program's own. */
  readonly watchesLoop?: boolean;
}

/** One event in a billion-wide span for each boot: numbers never repeat, whatever was lost. */
const eventsPerBoot = 1_000_000_000;

/** Everything runs when this resolves; no port is open. @throws RuntimeError, and then nothing is left held */
export async function createRuntime(
  settings: Settings,
  log: Logger,
  brought: Brought = {},
): Promise<Runtime> {
  const closers = new Closers();
  try {
    return await build(settings, log, brought, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function build(settings: Settings, log: Logger, brought: Brought, closers: Closers): Promise<Runtime> {
  const clock = systemClock;
  const startedAt = clock.now();
  const { data: dataDirectory, project } = settings.directories;
  const live = new LiveSettings(settings);
  const firmware = (): Firmware => live.current.firmware;
  const mediaDirectories = (): readonly string[] =>
    firmware().media_directories.map((directory) => path.resolve(project, directory));

  const storage = await openStorage(dataDirectory, { clock, log }, closers);
  const { directory, quarantine, store } = storage;

  // Before anything is restored: what an earlier run left behind may still move the machine.
  const processes = new ProcessNotes(path.join(dataDirectory, "processes"), log);
  const leftovers = await processes.endLeftovers();
  if (leftovers > 0) log.warn({ leftovers }, "processes of an earlier run were ended");

  const events = new EventBus({
    clock,
    firstSeq: directory.boots * eventsPerBoot + 1,
    onListenerError: (error) => log.error({ err: error }, "a listener of events failed"),
  });

  const profileNow = async (): Promise<DeviceProfile> =>
    brought.profile ?? (await readProfile(live.current.profilePath));
  const devices = await openDevices(await profileNow(), {
    clock,
    log,
    root: project,
    notes: processes,
    onChange: (device, changed) => events.publish({ type: "device_changed", task_id: null, device, changed }),
  });
  closers.add("the devices", () => devices.close());

  const registry = new Registry({
    projectRoot: project,
    externalDirectory: settings.directories.externalTasks,
    clock,
    log,
    discovery: () => discoveryOf(firmware()),
  });
  closers.add("the registry", () => registry.close());
  await registry.discover();

  const types = brought.types?.over(registry) ?? registry;

  const { lanes, watchdog, cloudPlaces } = await openLanes(
    {
      clock,
      log,
      settings,
      mediaDirectories,
      firmware,
      devices,
      events,
      quarantine,
      processes,
      watchesLoop: brought.watchesLoop ?? !brought.isEmbedded,
    },
    closers,
  );

  const outlet = webhookOutlet({ settings, clock, log, quarantine, events, tasks: () => tasks });
  // Closed behind the tasks: it tells how they were interrupted.
  closers.add("the webhooks", () => outlet?.close());

  // Closed behind the tasks, too: it publishes how they ended.
  let messages: Messages | null = null;
  closers.add("the messages", () => messages?.close());

  const tasks: TaskManager = await TaskManager.open({
    clock,
    log,
    types,
    store,
    results: storage.results,
    hashes: storage.hashes,
    logs: storage.logs,
    lanes,
    limits: () => limitsOf(firmware()),
    random: Math.random,
    crashedIn: directory.crashedIn,
    publish: (event) => events.publish(event),
    ...(outlet && { outlet }),
    machine: machineOf(devices),
  });
  closers.add("the tasks", () => tasks.close());

  await tidyCloud(cloudPlaces, { tasks, events, log });

  registry.onChange(({ added, changed, removed, plugins, gone }) => {
    tasks.typesChanged(new Set([...added, ...changed, ...removed]));
    for (const plugin of plugins) events.publish({ type: "plugin_changed", task_id: null, plugin });
    for (const file of gone)
      events.publish({ type: "plugin_changed", task_id: null, plugin: { file, status: "removed" } });
  });
  live.onChange(() => {
    tasks.limitsChanged();
    registry.settingsChanged();
  });
  live.onProfile(profileSwitch(devices, tasks));
  const noteInDirectory = (note: Promise<void>): Promise<void> =>
    note.catch((error) => log.warn({ err: error }, "whether the runtime ends in order could not be noted"));
  await Promise.all([brought.isEmbedded ? null : registry.watch(), noteInDirectory(directory.began())]);
  const schedules = lazySchedules({ dataDirectory, clock, log, quarantine, tasks, events });
  closers.add("the schedules", () => schedules.ifMade?.then((opened) => opened.close()));
  // Nobody waits for it: what runs is told at once, whatever the disk does.
  closers.add("the note that it ends in order", () => void noteInDirectory(directory.ending()));
  if (outlet?.isNeeded) await outlet.open();
  messages = await openMessages({ settings, clock, log, quarantine, events, types, tasks });
  tasks.begin();
  if (hasSchedules(dataDirectory)) await schedules.get();
  const metrics = lazyMetrics({
    startedAt,
    tasks,
    events,
    store,
    devices,
    schedules: () => schedules.value && { count: schedules.value.size, ...schedules.value.figures },
    webhooks: () => outlet?.figures ?? null,
    messages: () => messages?.figures ?? null,
  });
  closers.add("the metrics", () => metrics.ifMade?.then((made) => made.close()));

  return {
    tasks,
    schedules: () => schedules.get(),
    metrics: () => metrics.get(),
    messages,
    types,
    registry,
    events,
    devices,
    settings: live,
    store,
    mediaDirectories,
    reconnect: reconnection(devices, tasks, profileNow),
    health: () =>
      healthOf({
        store,
        devices,
        registry,
        tasks,
        outlet,
        messages,
        fleet: lanes.fleet ?? null,
        lastBlock: () => watchdog?.recent ?? null,
      }),
    blame: (error) => lanes.async.blame(error) || registry.blame(error),
    close: () => closers.close(),
  };
}
