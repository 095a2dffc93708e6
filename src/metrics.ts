// Metrics as the composition root has them: what counts loads with the first look.
import type { TaskManager } from "./engine/task-manager.ts";
import type { EventBus } from "./events/bus.ts";
import type { Devices } from "./hardware/devices.ts";
import { Lazy } from "./lib/lazy.ts";
import type { Measured } from "./outlets/measured.ts";
import type { Metrics } from "./outlets/metrics.ts";
import type { TaskStore } from "./store/task-store.ts";
import { version } from "./version.ts";

export interface MetricsParts {
  readonly startedAt: number;
  readonly tasks: TaskManager;
  readonly events: EventBus;
  readonly store: TaskStore;
  readonly devices: Devices;
  readonly schedules: Measured["schedules"];
  readonly webhooks: Measured["webhooks"];
  readonly messages: Measured["messages"];
}

export const lazyMetrics = (parts: MetricsParts): Lazy<Metrics> =>
  new Lazy(async () => {
    const { startedAt, tasks, events, store, devices, schedules, webhooks, messages } = parts;
    const { Metrics } = await import("./outlets/metrics.ts");
    return new Metrics({
      version: await version(),
      startedAt,
      tasks: {
        counts: () => tasks.counts,
        queueLength: () => tasks.queueLength,
        activeByLane: () => tasks.activeByLane(),
        isQueuePaused: () => tasks.queuePause !== null,
        records: () => tasks.records(),
        recordOf: (id) => tasks.recordOf(id),
      },
      subscribe: (listener) => events.subscribe(listener),
      store: () => ({ ok: store.health().ok, ...store.figures() }),
      devices: () => devices.list().map(({ name, problem }) => ({ name, ok: problem === null })),
      schedules,
      webhooks,
      messages,
    });
  });
