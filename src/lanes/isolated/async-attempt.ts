// One attempt of `async run` or `async *run` inside a child: the event loop's own lane executes it, and what it needs of
// the runtime it gets over the line.
import type { LaneRun, Work } from "../../engine/ports.ts";
import { systemClock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Device } from "../../task/devices.ts";
import { defaultPolicy } from "../../task/policy.ts";
import { failureOf, stackOf } from "../failure.ts";
import { createTaskFiles } from "../files.ts";
import { LoopLane } from "../loop.ts";
import type { Done, IsolatedStart, Shape, ToChild } from "../protocol.ts";
import { Orders } from "../worker/orders.ts";
import type { Runnable } from "../worker/thread-attempt.ts";
import type { ExecutorParts } from "./executor.ts";
import { deviceKey, serviceKey } from "./exports.ts";
import { Imports } from "./imports.ts";
import type { ChildLine } from "./line.ts";
import { RemoteEvents } from "./remote-events.ts";

type Load = (start: IsolatedStart, parts: ExecutorParts) => Promise<Runnable>;

export class AsyncAttempt {
  readonly #start: IsolatedStart;
  readonly #line: ChildLine;
  readonly #events: RemoteEvents;
  readonly #imports: Imports;
  readonly #lane: LoopLane;
  readonly #orders: Orders;
  #run: LaneRun | null = null;
  /** What was ordered while the task file was being imported. */
  #early: ToChild[] = [];
  #hasEnded = false;

  constructor(start: IsolatedStart, line: ChildLine, parts: ExecutorParts, load: Load) {
    this.#start = start;
    this.#line = line;
    this.#events = new RemoteEvents(line);
    this.#imports = new Imports(line);
    this.#orders = new Orders(parts.memory);
    this.#lane = this.#createLane(parts);
    process.on("unhandledRejection", (error) => this.#blame(error));
    process.on("uncaughtException", (error) => this.#blame(error));
    line.send({ type: "started", id: process.pid });
    void this.#execute(() => load(start, parts));
  }

  hear(message: ToChild): void {
    switch (message.type) {
      case "saved":
        this.#events.saved(message);
        break;
      case "outcome":
        this.#line.answered(message.number, message.outcome);
        break;
      case "properties":
        this.#imports.changed(message.object, message.properties);
        break;
      default:
        if (this.#run) this.#obey(this.#run, message);
        else this.#early.push(message);
    }
  }

  #obey(run: LaneRun, message: ToChild): void {
    if (message.type === "cancel") run.cancel(message.reason);
    else if (message.type === "pause") run.pause(message.request);
    else if (message.type === "resume") run.resume();
  }

  /** The same cancel is on its way through the event loop, but a busy task does not let it turn. */
  #glance(): void {
    const reason = this.#orders.cancelReason;
    if (reason) this.#run?.cancel(reason);
  }

  async #execute(load: () => Promise<Runnable>): Promise<void> {
    try {
      const { task, parameters } = await load();
      const run = this.#lane.start(this.#workOf(task, parameters), this.#events);
      this.#run = run;
      for (const message of this.#early) this.#obey(run, message);
      const ending = await run.ended;
      if (ending.how !== "killed") this.#end({ type: "done", ending, stack: null });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Its one task is to blame, even where nobody knows how. */
  #blame(error: unknown): void {
    if (!this.#lane.blame(error)) this.#fail(error);
  }

  #fail(error: unknown): void {
    const { file, module } = this.#start;
    const failure = failureOf(error, { file, url: module.url });
    this.#end({ type: "done", ending: { how: "threw", failure, cancelled: false }, stack: stackOf(error) });
  }

  #end(done: Done): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#events.flush();
    this.#line.send(done);
  }

  #createLane(parts: ExecutorParts): LoopLane {
    const { dataDirectory, mediaDirectories, devices } = this.#start;
    return new LoopLane({
      clock: systemClock,
      log: this.#createLog(),
      files: (taskId) => createTaskFiles({ dataDirectory, mediaDirectories: () => mediaDirectories, taskId }),
      devices: (_, signal) =>
        Object.fromEntries(devices.map((name) => [name, this.#remote(deviceKey(name), signal) as Device])),
      services: parts.createServices((name) => this.#remote(serviceKey(name))),
      glance: () => this.#glance(),
    });
  }

  #remote(key: string, signal?: () => AbortSignal): object {
    return this.#imports.object(key, this.#start.objects[key] as Shape, signal);
  }

  #createLog(): Logger {
    const writer = (level: keyof Logger) => (fields: object, message: string) =>
      this.#line.send({ type: "note", level, fields, message });
    return { debug: writer("debug"), info: writer("info"), warn: writer("warn"), error: writer("error") };
  }

  #workOf(task: Runnable["task"], parameters: unknown): Work {
    const { taskId, attempt, resumedFrom, userContext, dependencies, taskName, file, module } = this.#start;
    return {
      taskId,
      attempt,
      type: {
        name: taskName,
        policy: defaultPolicy,
        source: { file, hash: "" },
        module,
        isTrusted: true,
        create: () => task,
      },
      parameters: parameters as Work["parameters"],
      resumedFrom,
      userContext,
      dependencies,
      claims: {},
      limits: defaultPolicy.limits,
    };
  }
}
