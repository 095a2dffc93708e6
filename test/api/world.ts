// A real server on a real port, over a real engine whose work ends when told. Every answer is held against its schema.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { type IncomingHttpHeaders, request } from "node:http";
import os from "node:os";
import path from "node:path";
import { expect } from "vitest";
import { type Api, createApi } from "../../src/api/app.ts";
import { errorSchema, isStoryCore } from "../../src/api/dialects/storycore/envelope.ts";
import { filesBelow } from "../../src/api/files.ts";
import type { ApiLimits, ApiParts } from "../../src/api/parts.ts";
import { problemSchema } from "../../src/api/problem.ts";
import type { Route } from "../../src/api/route.ts";
import type { Security } from "../../src/api/security.ts";
import { type Listening, listen } from "../../src/api/server.ts";
import type { Limits, TaskType } from "../../src/engine/ports.ts";
import { Schedules } from "../../src/engine/schedules/schedules.ts";
import { TaskManager } from "../../src/engine/task-manager.ts";
import { RuntimeError } from "../../src/errors/runtime-error.ts";
import { EventBus } from "../../src/events/bus.ts";
import { type DeviceState, stateWithout } from "../../src/hardware/device.ts";
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import { Closers } from "../../src/lib/closers.ts";
import { problemOfUrl } from "../../src/lib/public-address.ts";
import type { Dialect } from "../../src/settings/firmware.ts";
import { Quarantine } from "../../src/store/quarantine.ts";
import { ScheduleFiles } from "../../src/store/schedule-store.ts";
import {
  defaultLimits,
  MemoryLogs,
  MemoryStore,
  type Run,
  ScriptedLane,
  Types,
  taskType,
} from "../engine/world.ts";

export interface WorldOptions {
  readonly security?: Partial<Security>;
  readonly limits?: Partial<ApiLimits>;
  readonly engineLimits?: Partial<Limits>;
  /** For the streams; the engine keeps the real one. */
  readonly clock?: Clock;
  readonly host?: string;
  readonly firstSeq?: number;
  readonly keepEvents?: number;
  readonly types?: readonly TaskType[];
  readonly dialects?: readonly Dialect[];
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers freely; their shape is checked against the schema
  readonly body: any;
}

export interface Asking {
  readonly json?: unknown;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const countTask: TaskType = {
  ...taskType("count_task"),
  description: "Counts.",
  parametersSchema: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: { steps: { $ref: "#/$defs/steps" } },
    $defs: { steps: { type: "integer" } },
  },
};

export class ApiWorld {
  readonly store = new MemoryStore();
  readonly types: Types;
  readonly lanes = { async: new ScriptedLane(false), blocking: new ScriptedLane(true) };
  readonly logged: { fields: Record<string, unknown>; message: string }[] = [];
  readonly closers = new Closers();
  readonly devices = [stateWithout({ name: "rotor", driver: "simulated_axis" }, "opening", null)];
  ready = true;
  directory!: string;
  events!: EventBus;
  manager!: TaskManager;
  schedules!: Schedules;
  parts!: ApiParts;
  api!: Api;
  listening!: Listening;
  #settings: Record<string, unknown> = { limits: { max_concurrent_tasks: 3 } };
  #rediscovered = 0;

  private constructor(types: readonly TaskType[]) {
    this.types = new Types(types);
  }

  static async open(options: WorldOptions = {}): Promise<ApiWorld> {
    const standard = [
      countTask,
      taskType("crop_task", { isBlocking: true }),
      taskType("exclusive_task", { isExclusive: true }),
    ];
    const world = new ApiWorld(options.types ?? standard);
    await world.#open(options);
    return world;
  }

  get url(): string {
    return this.listening.url;
  }

  close(): Promise<void> {
    return this.closers.close();
  }

  /** One request; what comes back must be what the route's schema says. */
  async ask(method: string, where: string, { json, body, headers }: Asking = {}): Promise<Answer> {
    const payload = body ?? (json === undefined ? undefined : JSON.stringify(json));
    const answer = await ask(this.url, method, where, payload, {
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    });
    this.check(method, where, answer);
    return answer;
  }

  async submit(task = "count_task", more: object = {}): Promise<string> {
    const { status, body } = await this.ask("POST", "/tasks", { json: { task, ...more } });
    expect(status).toBe(202);
    return body.id;
  }

  /** The latest attempt of a task, once it has begun. */
  async run(id: string): Promise<Run> {
    const runs = (): Run | undefined =>
      [...this.lanes.async.runs, ...this.lanes.blocking.runs].filter(({ work }) => work.taskId === id).at(-1);
    await until(() => runs() !== undefined && this.manager.get(id).status !== "pending");
    return runs() as Run;
  }

  async finish(id: string, result: unknown = "done"): Promise<void> {
    await (await this.run(id)).finish(result);
    await until(() => this.manager.get(id).status === "completed");
  }

  /** No answer may say something its schema does not, and none may show a stack. */
  check(method: string, where: string, { status, headers, body, text }: Answer): void {
    expect(text).not.toMatch(/\bat .+\.(ts|mjs|js):\d+|node_modules/);
    if (method === "HEAD") return;
    // As the server reads it: dots are steps.
    const { pathname } = new URL(this.url + where);
    if (status >= 400 && isStoryCore(pathname)) {
      errorSchema.parse(body);
      return;
    }
    if (status >= 400 && !(status === 503 && pathname === "/health/ready")) {
      expect(headers["content-type"], text).toBe("application/problem+json");
      expect(problemSchema.parse(body).status).toBe(status);
      return;
    }
    if (status === 204) return;
    const known = routeOf(this.api.routes, method, pathname);
    const expected = known?.answers[status];
    expect(known && status in known.answers, `${method} ${where} may answer ${status}`).toBe(true);
    if (typeof expected === "object" && expected !== null) expected.parse(body);
  }

  async #open(options: WorldOptions): Promise<void> {
    this.directory = await mkdtemp(path.join(os.tmpdir(), "armature-api-"));
    this.closers.add("directory", () => rm(this.directory, { recursive: true, force: true }));
    const log = (fields: object, message: string): void => {
      this.logged.push({ fields: fields as Record<string, unknown>, message });
    };
    const logger = { debug: log, info: log, warn: log, error: log };
    const { firstSeq = 1, keepEvents = 10_000 } = options;
    this.events = new EventBus({
      clock: systemClock,
      firstSeq,
      keep: keepEvents,
      onListenerError: (error) => log({ err: error }, "a listener failed"),
    });
    this.manager = await TaskManager.open({
      clock: systemClock,
      log: logger,
      types: this.types,
      store: this.store,
      results: {
        keep: async (id, text) => ({ file: `results/${id}.json`, bytes: text.length }),
        read: async (id) =>
          JSON.parse(await readFile(path.join(this.directory, `results/${id}.json`), "utf8")),
      },
      hashes: { of: async () => "0".repeat(64) },
      logs: new MemoryLogs(),
      lanes: this.lanes,
      limits: () => ({ ...defaultLimits, ...options.engineLimits }),
      random: () => 0,
      publish: (event) => this.events.publish(event),
      outlet: { problemOf: (url) => problemOfUrl(url, false), open: async () => undefined },
    });
    this.manager.begin();
    const quarantine = new Quarantine({ directory: this.directory, clock: systemClock, logger });
    const files = { directory: this.directory, quarantine, clock: systemClock, logger };
    this.schedules = await Schedules.open({
      clock: systemClock,
      log: logger,
      store: new ScheduleFiles(files),
      tasks: this.manager,
      publish: (event) => this.events.publish(event),
    });
    this.schedules.begin();
    this.closers.add("schedules", () => this.schedules.close());
    this.parts = {
      tasks: this.manager,
      schedules: async () => this.schedules,
      metrics: async () => ({ contentType: "text/plain; version=0.0.4", text: async () => "# none\n" }),
      types: this.types,
      plugins: {
        list: () => [
          { file: "tasks/examples/count_task.ts", status: "loaded", rediscovered: this.#rediscovered },
        ],
        rediscover: async () => this.#rediscovered++,
      },
      events: this.events,
      devices: { list: () => this.devices, reconnect: async () => this.devices[0] as DeviceState },
      settings: {
        current: () => this.#settings,
        patch: async (changes) => {
          if ("limts" in changes)
            throw new RuntimeError("INVALID_SETTINGS", {
              problem: "no such key",
              errors: [{ path: "limts", message: "there is no such key; did you mean 'limits'?" }],
            });
          this.#settings = { ...this.#settings, ...changes };
          return {
            settings: this.#settings,
            applied: Object.keys(changes),
            needs_restart: [],
            overridden: [],
          };
        },
      },
      health: () => ({ ready: this.ready, checks: { store: this.ready ? "ok" : "the disk is full" } }),
      files: filesBelow(() => [this.directory]),
      security: {
        token: null,
        allowedHosts: [],
        allowedOrigins: [],
        boundHost: "127.0.0.1",
        ...options.security,
      },
      ...(options.dialects && { dialects: options.dialects }),
      limits: { maxBodyBytes: 64 * 1024, maxBodyDepth: 32, ...options.limits },
      clock: options.clock ?? systemClock,
      log: logger,
      version: "0.1.0",
    };
    this.api = createApi(this.parts);
    this.listening = await listen(this.api, {
      host: options.host ?? "127.0.0.1",
      port: 0,
      closeGraceMs: 500,
    });
    this.closers.add("server", () => this.listening.close());
  }
}

/** The route that answers a path, with fixed segments before parameters. */
export function routeOf(routes: readonly Route[], method: string, pathname: string): Route | undefined {
  const parts = pathname.replace(/(?<=.)\/$/, "").split("/");
  return routes.find((route) => {
    const wanted = route.path.split("/");
    return (
      route.method.toUpperCase() === method &&
      wanted.length === parts.length &&
      wanted.every((part, at) => part.startsWith("{") || part === parts[at])
    );
  });
}

/** With node:http, which sends whatever Host, Origin and path one likes. */
export function ask(
  base: string,
  method: string,
  where: string,
  payload: string | Buffer | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<Answer> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, method, path: where, headers: { connection: "close", ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = /json/.test(response.headers["content-type"] ?? "");
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            body: isJson && text !== "" ? JSON.parse(text) : text,
          });
        });
      },
    );
    sent.on("error", reject);
    sent.end(payload);
  });
}

/** Looks again whenever something has happened. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for: ${condition}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
