// What the API is handed. It speaks HTTP; everything it says it asks one of these.
import type { TaskTypes } from "../engine/ports.ts";
import type { Tasks } from "../engine/requests.ts";
import type { Schedules } from "../engine/schedules/schedules.ts";
import type { EventBus } from "../events/bus.ts";
import type { DeviceState } from "../hardware/device.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { Dialect } from "../settings/firmware.ts";
import type { Files } from "./files.ts";
import type { Security } from "./security.ts";

export interface ApiParts {
  readonly tasks: Tasks;
  /** Opened when they are first asked for. */
  readonly schedules: () => Promise<Schedules>;
  readonly types: TaskTypes;
  /** Every task file: loaded, rejected, duplicate, opted out. */
  readonly plugins: { list(): readonly object[]; rediscover(): Promise<unknown> };
  readonly events: EventBus;
  readonly devices: {
    list(): readonly DeviceState[];
    /** Lets go of it and opens it again. @throws UNKNOWN_DEVICE, DEVICE_CLAIMED, INVALID_SETTINGS */
    reconnect(name: string): Promise<DeviceState>;
  };
  readonly settings: {
    /** Without secrets. */
    current(): object;
    /** @throws INVALID_SETTINGS, SETTINGS_NOT_WRITABLE */
    patch(changes: Readonly<Record<string, unknown>>): Promise<SettingsChange>;
  };
  /** Loaded when they are first asked for. */
  readonly metrics: () => Promise<{ readonly contentType: string; text(): Promise<string> }>;
  /** Able to work, and what was looked at to say so. */
  readonly health: () => { readonly ready: boolean; readonly checks: object };
  /** Opens kept results and artifacts; nothing outside the data and media directories. */
  readonly files: Files;
  /** Read anew at every request, so that a change of settings applies live. */
  readonly security: Security;
  /** Those whose routes are there. Default all. */
  readonly dialects?: readonly Dialect[];
  readonly limits: ApiLimits;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
}

export interface SettingsChange {
  readonly settings: object;
  /** Keys that apply from now on, as in `limits.max_concurrent_tasks`. */
  readonly applied: readonly string[];
  /** Keys that the next start takes up. */
  readonly needs_restart: readonly string[];
  /** Keys where the environment says something else and wins. */
  readonly overridden: readonly string[];
}

/** Read anew at every request or connection. */
export interface ApiLimits {
  readonly maxBodyBytes: number;
  /** Levels of nesting in a request body. */
  readonly maxBodyDepth: number;
  /** The stage's dialect refuses an operation while another one has not ended. Default true. */
  readonly stageSingleTask?: boolean;
  /** Open streams (WebSocket and SSE together). Default 200. */
  readonly maxStreams?: number;
  /** Messages that may wait for one slow client. Default 1000. */
  readonly maxWaitingMessages?: number;
  /** And their size. Default 4 MiB. */
  readonly maxWaitingBytes?: number;
}
