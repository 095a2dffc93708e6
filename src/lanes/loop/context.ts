// The `ctx` of a task in the event loop. Knows the stop and the gate, not who gives the orders.
import type { Call, Work, WorkEvents } from "../../engine/ports.ts";
import type { Clock } from "../../lib/clock.ts";
import type { AsyncContext, TaskFiles, TaskLog } from "../../task/context.ts";
import type { Device } from "../../task/devices.ts";
import type { Claims } from "../../task/policy.ts";
import type { Services } from "../../task/services.ts";
import { createAsk, createChildren } from "../calls.ts";
import { createDeadline } from "../deadline.ts";
import { artifactOf } from "../files.ts";
import { ownCopy, plainCopy } from "../plain-copy.ts";
import type { Gate } from "./gate.ts";
import type { Stop } from "./stop.ts";

/** What the contexts of a lane share. */
export interface LoopTools {
  readonly clock: Clock;
  readonly services: Services;
  readonly files: (taskId: string) => TaskFiles;
  /** The devices named in `uses`; every call is given `signal()`, beside one of its own. */
  readonly devices: (uses: Claims, signal: () => AbortSignal) => Record<string, Device>;
  /** Told before the task looks: a cancel may have come that waits for the loop to turn. */
  readonly glance?: () => void;
}

/** What a context needs of its attempt. */
export interface Attempted {
  readonly work: Work;
  readonly events: WorkEvents;
  readonly stop: Stop;
  readonly gate: Gate;
  readonly taskLog: TaskLog;
  /** The same way as a yield. */
  report(update: unknown): void;
}

/**
 * Parts are made when the task asks for them: most use one or two, and all together cost as much as a short task. What
 * is called belongs to no object, so that `const { sleep, log } = ctx` works.
 */
export class LoopContext implements AsyncContext {
  readonly taskId: string;
  readonly attempt: number;
  readonly resumedFrom: unknown;
  readonly userContext: unknown;
  readonly dependencies: AsyncContext["dependencies"];
  readonly services: Services;
  readonly #attempted: Attempted;
  readonly #tools: LoopTools;
  #files: TaskFiles | null = null;
  #devices: AsyncContext["devices"] | null = null;

  constructor(attempted: Attempted, tools: LoopTools) {
    const { work } = attempted;
    this.#attempted = attempted;
    this.#tools = tools;
    this.taskId = work.taskId;
    this.attempt = work.attempt;
    this.resumedFrom = ownCopy(work.resumedFrom);
    this.userContext = ownCopy(work.userContext);
    this.dependencies = ownCopy(work.dependencies);
    this.services = tools.services;
  }

  get signal(): AbortSignal {
    return this.#attempted.stop.signal;
  }

  get log(): TaskLog {
    return this.#attempted.taskLog;
  }

  get files(): TaskFiles {
    this.#files ??= this.#tools.files(this.taskId);
    return this.#files;
  }

  get devices(): AsyncContext["devices"] {
    if (!this.#devices) {
      const { work, stop } = this.#attempted;
      const bound = this.#tools.devices(work.claims, () => stop.signalForDevices());
      this.#devices = watched(bound, stop) as AsyncContext["devices"];
    }
    return this.#devices;
  }

  get deadline(): AsyncContext["deadline"] {
    return createDeadline(this.#tools.clock, this.#attempted.stop);
  }

  get ask(): AsyncContext["ask"] {
    return createAsk((call) => this.#call(call));
  }

  get tasks(): AsyncContext["tasks"] {
    return createChildren((call) => this.#call(call));
  }

  get isPausing(): boolean {
    return this.#attempted.gate.isPausing;
  }

  get isCancelled(): AsyncContext["isCancelled"] {
    return () => {
      this.#tools.glance?.();
      return this.#attempted.stop.look();
    };
  }

  get sleep(): AsyncContext["sleep"] {
    return (ms) => sleep(ms, this.#tools.clock, this.#attempted.stop);
  }

  get progress(): AsyncContext["progress"] {
    return (current, total, message, data) => this.#attempted.report({ current, total, message, data });
  }

  get checkpoint(): AsyncContext["checkpoint"] {
    return (state) => this.#checkpoint(state);
  }

  get partialResult(): AsyncContext["partialResult"] {
    return (value) =>
      this.#attempted.events.partialResult(plainCopy(value, "RESULT_NOT_SERIALIZABLE", "partial_result"));
  }

  get artifact(): AsyncContext["artifact"] {
    return (file, name) =>
      this.#attempted.events.artifact(artifactOf(this.#tools.clock, this.files, file, name));
  }

  async #checkpoint(state: unknown): Promise<void> {
    const { stop, gate, events } = this.#attempted;
    if (state !== undefined)
      await stop.through(events.checkpoint(plainCopy(state, "CHECKPOINT_NOT_SERIALIZABLE", "checkpoint")));
    await gate.pass();
  }

  #call(call: Call): Promise<unknown> {
    const { stop, events } = this.#attempted;
    return stop.through(events.call(call));
  }
}

async function sleep(ms: number, clock: Clock, stop: Stop): Promise<void> {
  stop.throwIfPending();
  await new Promise<void>((resolve, reject) => {
    const leave = stop.onOrder(() => {
      // Of several waits at once the first is told, the others go on: the reason is thrown once.
      if (!stop.isPending) return;
      leave();
      timer.cancel();
      reject(stop.take());
    });
    const timer = clock.after(ms, () => {
      leave();
      resolve();
    });
  });
}

/** The same devices; a call that is rejected for the reason to stop has told the task. */
function watched(devices: Readonly<Record<string, Device>>, stop: Stop): Record<string, Device> {
  return Object.fromEntries(Object.entries(devices).map(([name, device]) => [name, watch(device, stop)]));
}

function watch(device: Device, stop: Stop): Device {
  const methods = new Map<unknown, unknown>();
  return new Proxy(device, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      if (!methods.has(value))
        methods.set(value, (...args: unknown[]) => {
          const answer: unknown = value.apply(target, args);
          return answer instanceof Promise ? noticed(answer, stop) : answer;
        });
      return methods.get(value);
    },
  });
}

async function noticed(answer: Promise<unknown>, stop: Stop): Promise<unknown> {
  try {
    return await answer;
  } catch (error) {
    stop.notice(error);
    throw error;
  }
}
