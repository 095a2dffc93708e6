// Serves a runtime over HTTP and WebSocket: hands the API what it asks.
import { createApi } from "./api/app.ts";
import { filesBelow } from "./api/files.ts";
import type { ApiParts } from "./api/parts.ts";
import { type Listening, listen } from "./api/server.ts";
import { systemClock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";
import type { Runtime } from "./runtime.ts";
import { version } from "./version.ts";

export interface ServeOptions {
  /** What clients from other machines must know; null where nobody is asked. */
  readonly token: string | null;
  readonly log: Logger;
  /** Where it differs from what the settings say. */
  readonly host?: string;
  readonly port?: number;
  /** Whether messages of Redis become tasks. Default true. */
  readonly takesMessages?: boolean;
}

/** @throws PORT_IN_USE */
export async function serve(runtime: Runtime, options: ServeOptions): Promise<Listening> {
  const { server } = runtime.settings.current.firmware;
  const { host = server.host, port = server.port, log, token } = options;
  const api = createApi(partsOf(runtime, { token, host, log, version: await version() }));
  const listening = await listen(api, { host, port, maxConnections: server.max_connections });
  if (runtime.messages && (options.takesMessages ?? true)) {
    const { readMessage } = await import("./api/message.ts");
    const { limits } = api.parts;
    runtime.messages.begin((bytes, subscription) => readMessage(bytes, subscription, limits));
  }
  return listening;
}

interface Around {
  readonly token: string | null;
  readonly host: string;
  readonly log: Logger;
  readonly version: string;
}

function partsOf(runtime: Runtime, { token, host, log, version }: Around): ApiParts {
  const { settings, registry, devices } = runtime;
  const server = () => settings.current.firmware.server;
  const directories = (): readonly [string, ...string[]] => [
    settings.current.directories.data,
    ...runtime.mediaDirectories(),
  ];
  return {
    tasks: runtime.tasks,
    schedules: runtime.schedules,
    metrics: runtime.metrics,
    types: runtime.types,
    plugins: { list: () => registry.plugins(), rediscover: () => registry.rediscover() },
    events: runtime.events,
    devices: { list: () => devices.list(), reconnect: runtime.reconnect },
    settings: { current: () => settings.configured, patch: (changes: object) => settings.patch(changes) },
    health: runtime.health,
    files: filesBelow(directories),
    security: {
      token,
      get allowedHosts() {
        return server().allowed_hosts;
      },
      get allowedOrigins() {
        return server().allowed_origins;
      },
      boundHost: host,
    },
    dialects: server().dialects,
    limits: {
      get stageSingleTask() {
        return settings.current.firmware.limits.stage_single_task;
      },
      get maxBodyBytes() {
        return server().max_body_bytes;
      },
      get maxBodyDepth() {
        return server().max_body_depth;
      },
      get maxStreams() {
        return server().max_streams;
      },
    },
    clock: systemClock,
    log,
    version,
  };
}
