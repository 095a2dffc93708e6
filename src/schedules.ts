// Schedules as the composition root has them: most machines have none, so what they are made of loads with the first.
import { existsSync } from "node:fs";
import path from "node:path";
import type { Schedules } from "./engine/schedules/schedules.ts";
import type { TaskManager } from "./engine/task-manager.ts";
import type { EventBus } from "./events/bus.ts";
import type { Clock } from "./lib/clock.ts";
import { Lazy } from "./lib/lazy.ts";
import type { Logger } from "./lib/logger.ts";
import type { Quarantine } from "./store/quarantine.ts";

export interface SchedulesParts {
  /** Absolute. */
  readonly dataDirectory: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly quarantine: Quarantine;
  readonly tasks: TaskManager;
  readonly events: EventBus;
}

/** Whether there were ever any. */
export const hasSchedules = (dataDirectory: string): boolean =>
  existsSync(path.join(dataDirectory, "schedules"));

/** They fire from the moment they are opened. */
export const lazySchedules = (parts: SchedulesParts): Lazy<Schedules> =>
  new Lazy(async () => {
    const { dataDirectory: directory, clock, log, quarantine, tasks, events } = parts;
    const [{ Schedules }, { ScheduleFiles }] = await Promise.all([
      import("./engine/schedules/schedules.ts"),
      import("./store/schedule-store.ts"),
    ]);
    const store = new ScheduleFiles({ directory, quarantine, clock, logger: log });
    const publish: EventBus["publish"] = (event) => events.publish(event);
    const schedules = await Schedules.open({ clock, log, store, tasks, publish });
    schedules.begin();
    return schedules;
  });
