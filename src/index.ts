// Armature as a library: `import { createRuntime } from "armature"`. No port opens unless `listen` is called.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { StopReport } from "./engine/requests.ts";
import type { EventBus } from "./events/bus.ts";
import type { Devices } from "./hardware/devices.ts";
import { type DeviceProfileInput, deviceProfileSchema } from "./hardware/profile.ts";
import { Closers } from "./lib/closers.ts";
import type { Logger } from "./lib/logger.ts";
import { type LibraryTasks, libraryTasks } from "./library-tasks.ts";
import { createLog } from "./log.ts";
import { ProgramTypes } from "./registry/program-types.ts";
import { createRuntime as assemble, type Runtime } from "./runtime.ts";
import { serve } from "./serve.ts";
import { cloudFrom } from "./settings/cloud.ts";
import { type FirmwareInput, firmwareSchema, type logLevels } from "./settings/firmware.ts";
import type { Settings } from "./settings/load.ts";
import { redisFrom } from "./settings/redis.ts";
import { parseStrictly } from "./settings/strict.ts";
import { ensureToken, needsToken } from "./settings/token.ts";

export { isRuntimeError, RuntimeError } from "./errors/runtime-error.ts";
export type { LibraryTasks, SubmitOptions } from "./library-tasks.ts";
export * from "./task/index.ts";
export type { TaskRecord, TaskView } from "./task/record.ts";

export interface RuntimeOptions {
  /** Where tasks live. Without it they live in a temporary directory, which goes when the runtime closes. */
  readonly dataDirectory?: string;
  /** Task classes of this program: async ones; blocking and isolated ones need a file, see `folders`. */
  readonly tasks?: readonly unknown[];
  /** Folders with task files, relative to `project`. They are this program's own: trusted, and not watched. */
  readonly folders?: readonly string[];
  /** What relative paths are relative to. Default: the current directory. */
  readonly project?: string;
  /** The keys of settings/firmware.json; here ended tasks are kept for one hour unless `retention` says otherwise. */
  readonly settings?: Omit<FirmwareInput, "$schema" | "profile">;
  /** Report a blocked event loop, as the server does (`limits.loop_blocked_ms`); costs a thread. Default false. */
  readonly watchLoop?: boolean;
  /** As in redis://lab-1:6379: where workers take tasks of `folders` that want the lane `fleet`. Default: nowhere. */
  readonly redis?: string;
  /** The machine: as in settings/devices/<profile>.json. Default: no devices. */
  readonly devices?: DeviceProfileInput["devices"];
  /** A logger, or the least serious level that is written to stderr. Default "warn". */
  readonly log?: Logger | (typeof logLevels)[number];
}

export interface ArmatureRuntime {
  readonly tasks: LibraryTasks;
  /** `subscribe(listener)` hears every event of docs/events.md. */
  readonly events: Pick<EventBus, "subscribe" | "lastSeq">;
  readonly devices: Pick<Devices, "list" | "get" | "stopAll" | "release">;
  /** The emergency stop: every device and every task, and nothing starts or moves until `resume`. Never rejects. */
  stop(): Promise<StopReport>;
  /** Tasks start again, and after a stop devices move again. @throws STORE_UNAVAILABLE */
  resume(): Promise<void>;
  /**
   * Serves the API over HTTP and WebSocket. @returns where
   * @throws PORT_IN_USE
   */
  listen(options?: {
    host?: string;
    port?: number;
  }): Promise<{ readonly url: string; readonly token: string | null }>;
  /**
   * For the handlers of `unhandledRejection` and `uncaughtException`: true where the error belongs to a task, which
   * then fails with it. Without such handlers Node ends the process, as it always does.
   */
  blame(error: unknown): boolean;
  /**
   * Takes no new tasks and ends. Running ones are told to stop and stored as interrupted, or with `wait` all that were
   * accepted run to their end first, for at most `timeoutSeconds`. Twice without harm.
   */
  close(options?: { wait?: boolean; timeoutSeconds?: number }): Promise<void>;
}

/** Everything runs when this resolves. @throws INVALID_SETTINGS, INVALID_TASK_CLASS, DATA_DIR_IN_USE */
export async function createRuntime(options: RuntimeOptions = {}): Promise<ArmatureRuntime> {
  const closers = new Closers();
  try {
    return await build(options, closers);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function build(options: RuntimeOptions, closers: Closers): Promise<ArmatureRuntime> {
  const settings = await settingsOf(options, closers);
  const { log: given = "warn" } = options;
  const log = typeof given === "string" ? createLog(given) : given;
  const devices = parseStrictly(deviceProfileSchema, { devices: options.devices ?? {} }, "devices");
  const types = new ProgramTypes(options.tasks ?? []);
  const runtime = await assemble(settings, log, {
    profile: devices,
    types,
    isEmbedded: true,
    watchesLoop: options.watchLoop ?? false,
  });
  closers.add("the runtime", () => runtime.close());
  // Timers of the runtime keep no process alive; a program that waits for its tasks must stay until it closes.
  const stay = setInterval(() => undefined, longestInterval);
  closers.add("the process's stay", () => clearInterval(stay));
  return {
    tasks: libraryTasks(runtime.tasks, types.functions, runtime.events),
    events: runtime.events,
    devices: runtime.devices,
    stop: () => runtime.tasks.stop(),
    resume: () => runtime.tasks.resumeQueue(),
    listen: (where) => listen(runtime, { ...where, settings, log, closers }),
    blame: runtime.blame,
    async close({ wait = false, timeoutSeconds } = {}) {
      if (wait) await runtime.tasks.drained(timeoutSeconds === undefined ? {} : { timeoutSeconds });
      await closers.close();
    },
  };
}

const longestInterval = 2 ** 31 - 1;

/** As a library keeps ended tasks: long enough to be asked, in the program that asks. */
const retention = { max_finished_age_hours: 1 };

async function settingsOf(options: RuntimeOptions, closers: Closers): Promise<Settings> {
  const { folders = [], project = process.cwd(), settings = {} } = options;
  const firmware = parseStrictly(
    firmwareSchema,
    {
      ...settings,
      task_autodiscovery_folders: folders,
      required_core_tasks: [],
      trusted_task_files: true,
      retention: { ...retention, ...settings.retention },
    },
    "settings",
  );
  const data = options.dataDirectory
    ? path.resolve(project, options.dataDirectory)
    : await temporary(closers);
  return {
    firmware,
    directories: { project: path.resolve(project), settings: null, data, externalTasks: null },
    profilePath: null,
    profiles: [],
    token: null,
    webhooks: null,
    cloud: cloudFrom({}, "settings"),
    webhookSecret: null,
    redis: redisFrom({ url: options.redis ?? null }, "redis"),
    overridden: [],
    openscan: null,
  };
}

async function temporary(closers: Closers): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), "armature-"));
  closers.add("the temporary directory", () => rm(directory, { recursive: true, force: true }));
  return directory;
}

interface Listen {
  readonly host?: string;
  readonly port?: number;
  readonly settings: Settings;
  readonly log: Logger;
  readonly closers: Closers;
}

async function listen(runtime: Runtime, { host, port, settings, log, closers }: Listen) {
  const { server } = settings.firmware;
  const bound = {
    ...settings,
    firmware: { ...settings.firmware, server: { ...server, host: host ?? server.host } },
  };
  const token = needsToken(bound) ? await ensureToken(bound) : null;
  const listening = await serve(runtime, {
    token,
    log,
    ...(host && { host }),
    ...(port !== undefined && { port }),
  });
  closers.add("the server", async () => {
    await runtime.tasks.close();
    await listening.close();
  });
  return { url: listening.url, token };
}
