// What it costs to end one task and start the next while thousands wait, against a few that wait.
import type { TaskType } from "../../../src/engine/ports.ts";
import { Scheduler } from "../../../src/engine/scheduler.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import type { Policy } from "../../../src/task/policy.ts";
import { median, shown } from "../figures.ts";
import type { Row } from "../row.ts";

const many = 10_000;
const few = 10;

export async function queue(): Promise<Row[]> {
  const figures = { many: [] as number[], few: [] as number[] };
  for (let round = 0; round < 5; round++) {
    figures.few.push(microsecondsWith(few));
    figures.many.push(microsecondsWith(many));
  }
  return [
    {
      what: `one end and the next start while ${shown(many)} wait`,
      measured: median(figures.many),
      unit: "µs",
      ceiling: { what: `while ${few} wait`, value: median(figures.few) },
      goal: null,
    },
  ];
}

function microsecondsWith(waiting: number): number {
  const running: string[] = [];
  const scheduler = new Scheduler({
    clock: systemClock,
    types: { get: () => anAsyncType, names: () => [], whyMissing: () => null },
    limits: () => limits,
    start: (id) => running.push(id),
  });
  let order = 0;
  const submit = (): void => scheduler.add({ id: String(++order), priority: 0, order }, "a_task");
  for (let number = 0; number < waiting; number++) submit();
  scheduler.tick();
  const turns = 20_000;
  const begun = performance.now();
  for (let turn = 0; turn < turns; turn++) {
    submit();
    scheduler.release(running.shift() ?? "");
  }
  return (1000 * (performance.now() - begun)) / turns;
}

const policy: Pick<Policy, "isExclusive" | "isBlocking"> = { isExclusive: false, isBlocking: false };
const anAsyncType = { policy } as TaskType;

const limits = {
  maxConcurrentTasks: 3,
  blockingWorkers: 4,
  defaultTimeoutSeconds: null,
  cancelGraceSeconds: 5,
  maxFinishedTasks: 10_000,
  maxFinishedAgeHours: 720,
  clearHistoryOnShutdown: false,
  singleTaskMode: false,
  pauseAfterInterruptedHardware: true,
};
