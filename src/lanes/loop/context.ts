// The `ctx` of a task in the event loop. Knows the stop and the gate, not who gives the orders.
import type { Work, WorkEvents } from "../../engine/ports.ts";
import type { Clock } from "../../lib/clock.ts";
import type { AsyncContext, TaskFiles, TaskLog } from "../../task/context.ts";
import type { Device } from "../../task/devices.ts";
import type { Services } from "../../task/services.ts";
import { createAsk, createChildren } from "../calls.ts";
import { createDeadline } from "../deadline.ts";
import { artifactOf } from "../files.ts";
import { ownCopy, plainCopy } from "../plain-copy.ts";
import type { Gate } from "./gate.ts";
import type { Stop } from "./stop.ts";

export interface LoopContextParts {
  readonly work: Work;
  readonly events: WorkEvents;
  readonly clock: Clock;
  readonly files: () => TaskFiles;
  readonly log: () => TaskLog;
  readonly services: Services;
  readonly stop: Stop;
  readonly gate: Gate;
  /** The devices the type named in `uses`, each call bound to `stop.signalForDevices`. */
  readonly devices: () => Readonly<Record<string, Device>>;
  /** The same way as a yield. */
  readonly report: (update: unknown) => void;
  /** Told before the task looks: a cancel may have come that waits for the loop to turn. */
  readonly glance?: () => void;
}

/** Parts are made when the task asks for them: most use one or two, and each costs as much as an empty task. */
export function createLoopContext(parts: LoopContextParts): AsyncContext {
  const { work, events, clock, stop, gate } = parts;
  let log: TaskLog | null = null;
  let files: TaskFiles | null = null;
  let devices: AsyncContext["devices"] | null = null;
  const filesOf = (): TaskFiles => {
    files ??= parts.files();
    return files;
  };
  return {
    taskId: work.taskId,
    attempt: work.attempt,
    resumedFrom: ownCopy(work.resumedFrom),
    userContext: ownCopy(work.userContext),
    dependencies: ownCopy(work.dependencies),
    get signal() {
      return stop.signal;
    },
    get log() {
      log ??= parts.log();
      return log;
    },
    get files() {
      return filesOf();
    },
    services: parts.services,
    get devices() {
      devices ??= watched(parts.devices(), stop) as AsyncContext["devices"];
      return devices;
    },
    get deadline() {
      return createDeadline(clock, stop);
    },
    get ask() {
      return createAsk((call) => stop.through(events.call(call)));
    },
    get tasks() {
      return createChildren((call) => stop.through(events.call(call)));
    },
    get isPausing() {
      return gate.isPausing;
    },
    isCancelled() {
      parts.glance?.();
      return stop.look();
    },
    sleep: (ms) => sleep(ms, clock, stop),
    progress: (current, total, message, data) => parts.report({ current, total, message, data }),
    async checkpoint(state) {
      if (state !== undefined)
        await stop.through(events.checkpoint(plainCopy(state, "CHECKPOINT_NOT_SERIALIZABLE", "checkpoint")));
      await gate.pass();
    },
    partialResult: (value) =>
      events.partialResult(plainCopy(value, "RESULT_NOT_SERIALIZABLE", "partial_result")),
    artifact: (file, name) => events.artifact(artifactOf(clock, filesOf(), file, name)),
  };
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
