// Ten thousand schedules: what one firing costs among them, against a few; what making one and a boot cost.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { ScheduledTasks } from "../../../src/engine/schedules/firing.ts";
import { newHistory, type Schedule, type ScheduleStore } from "../../../src/engine/schedules/record.ts";
import { Schedules } from "../../../src/engine/schedules/schedules.ts";
import { type Clock, isoTime, systemClock } from "../../../src/lib/clock.ts";
import { createLog } from "../../../src/log.ts";
import { Quarantine } from "../../../src/store/quarantine.ts";
import { ScheduleFiles } from "../../../src/store/schedule-store.ts";
import { median, shown } from "../figures.ts";
import type { Row } from "../row.ts";
import type { Stage } from "../stage.ts";

const few = 10;
const start = Date.UTC(2026, 0, 1);
const logger = createLog("warn");

export async function schedules(stage: Stage): Promise<Row[]> {
  const many = stage.scale.storedTasks;
  const firings = { cron: [] as number[], interval: [] as number[], few: [] as number[] };
  for (let round = 0; round < stage.scale.rounds; round++) {
    firings.few.push(await microsecondsEach(made(few, "interval")));
    firings.interval.push(await microsecondsEach(made(many, "interval")));
    firings.cron.push(await microsecondsEach(made(many, "cron")));
  }
  const directory = await stage.folder();
  const creation = await load(directory, made(many, "cron"));
  const boots: number[] = [];
  const reads: number[] = [];
  for (let round = 0; round < stage.scale.boots; round++) {
    reads.push(await plainRead(path.join(directory, "schedules")));
    boots.push(await boot(directory, many));
  }
  const count = shown(many);
  const ceiling = { what: `an interval among ${few}`, value: median(firings.few) };
  const note =
    "schedules: a firing is finding it, submitting to a runtime that answers at once, and lining it up again; every cron line differs";
  return [
    {
      what: `one interval fires among ${count} schedules`,
      measured: median(firings.interval),
      unit: "µs",
      ceiling,
      goal: null,
      note,
    },
    {
      what: `one cron line fires among ${count}`,
      measured: median(firings.cron),
      unit: "µs",
      ceiling,
      goal: null,
      note,
    },
    {
      what: `schedules made, 16 at a time, until there are ${count}`,
      measured: creation,
      unit: "/s",
      ceiling: null,
      goal: null,
    },
    {
      what: `boot with ${count} schedules`,
      measured: median(boots),
      unit: "ms",
      ceiling: { what: "plain read and JSON.parse", value: median(reads) },
      goal: null,
    },
  ];
}

/** One falls due each second, for as long as there are any. */
function made(count: number, kind: "cron" | "interval"): Schedule[] {
  return Array.from({ length: count }, (_, index) => {
    const due = start + (index + 1) * 1000;
    const [hour, minute, second] = isoTime(due).slice(11, 19).split(":").map(Number);
    return {
      ...newHistory(kind === "cron" ? start : due - count * 1000),
      id: `${(index % 256).toString(16).padStart(2, "0")}000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
      request: { task: "scan_task", parameters: { project: `pot ${index}`, points: 36 } },
      cron: kind === "cron" ? `${second} ${minute} ${hour} * * *` : null,
      every_seconds: kind === "cron" ? null : count,
      time_zone: "Europe/London",
      overlap: "skip",
      catch_up: "once",
      paused: false,
      next_run_at: isoTime(due),
    } satisfies Schedule;
  });
}

const tasks: ScheduledTasks = {
  check: () => undefined,
  submit: async () => ({ id: "a task" }),
  idOfKey: () => null,
  statusOf: () => null,
  cancel: async () => undefined,
};

/** Time passes as fast as the work is done. */
class QuickClock implements Clock {
  time = start;
  due: { at: number; work: () => void } | null = null;

  now(): number {
    return this.time;
  }

  monotonic(): number {
    return this.time;
  }

  after(ms: number, work: () => void) {
    const due = { at: this.time + ms, work };
    this.due = due;
    return {
      cancel: () => {
        if (this.due === due) this.due = null;
      },
    };
  }
}

async function microsecondsEach(all: readonly Schedule[]): Promise<number> {
  const clock = new QuickClock();
  let fired = 0;
  const store: ScheduleStore = {
    read: async () => all,
    save: async () => undefined,
    remove: async () => undefined,
    note: () => fired++,
    close: async () => undefined,
  };
  const opened = await Schedules.open({ clock, log: logger, store, tasks, publish: () => undefined });
  opened.begin();
  const turns = Math.min(2000, all.length * 20);
  const begun = performance.now();
  while (fired < turns) {
    const { due } = clock;
    if (due) {
      clock.time = due.at;
      due.work();
    }
    await null;
  }
  const each = (1000 * (performance.now() - begun)) / turns;
  await opened.close();
  return each;
}

const filesIn = (directory: string): ScheduleFiles => {
  const quarantine = new Quarantine({ directory, clock: systemClock, logger });
  return new ScheduleFiles({ directory, quarantine, clock: systemClock, logger });
};

async function load(directory: string, all: readonly Schedule[]): Promise<number> {
  const store = filesIn(directory);
  const left = [...all];
  const client = async (): Promise<void> => {
    for (let next = left.pop(); next; next = left.pop()) await store.save(next);
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: 16 }, client));
  const seconds = (performance.now() - begun) / 1000;
  await store.close();
  return all.length / seconds;
}

async function boot(directory: string, count: number): Promise<number> {
  const begun = performance.now();
  const store = filesIn(directory);
  const opened = await Schedules.open({
    clock: new QuickClock(),
    log: logger,
    store,
    tasks,
    publish: () => undefined,
  });
  const ms = performance.now() - begun;
  if (opened.size !== count) throw new Error(`${opened.size} of ${count} schedules were read`);
  await opened.close();
  return ms;
}

async function plainRead(folder: string): Promise<number> {
  const begun = performance.now();
  const names = await readdir(folder);
  await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(path.join(folder, name), "utf8")) as unknown),
  );
  return performance.now() - begun;
}
