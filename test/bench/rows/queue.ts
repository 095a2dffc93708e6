// What it costs to end one task and start the next while thousands wait, against a few that wait: for a slot, for one
// device, and for as many different names as there are tasks.
import type { TaskType } from "../../../src/engine/ports.ts";
import { Scheduler } from "../../../src/engine/queue/scheduler.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { type Claims, defaultPolicy } from "../../../src/task/policy.ts";
import { median, shown } from "../figures.ts";
import type { Row } from "../row.ts";
import type { Stage } from "../stage.ts";

const many = 10_000;
const few = 10;

type ClaimsOf = (number: number) => Claims | null;

const kinds: Readonly<Record<string, ClaimsOf>> = {
  wait: () => null,
  "wait for one device": () => ({ camera: "exclusive" }),
  "wait, each with a name of its own": (number) => ({ [`sample ${number}`]: "exclusive" }),
  "wait, each for two of 1 000 names": (number) => ({
    [`shelf ${number % 1000}`]: "exclusive",
    [`shelf ${(number * 7 + 1) % 1000}`]: "shared",
  }),
};

export async function queue({ scale }: Stage): Promise<Row[]> {
  return Object.entries(kinds).map(([what, claimsOf]) => {
    const figures = { many: [] as number[], few: [] as number[] };
    for (let round = 0; round < scale.queueRounds; round++) {
      figures.few.push(microsecondsWith(few, claimsOf));
      figures.many.push(microsecondsWith(many, claimsOf));
    }
    return {
      what: `one end and the next start while ${shown(many)} ${what}`,
      measured: median(figures.many),
      unit: "µs",
      ceiling: { what: `while ${few} do`, value: median(figures.few) },
      goal: null,
    };
  });
}

function microsecondsWith(waiting: number, claimsOf: ClaimsOf): number {
  const running: string[] = [];
  const scheduler = new Scheduler({
    clock: systemClock,
    types: { get: () => type, names: () => [], whyMissing: () => null },
    limits: () => limits,
    start: (id) => running.push(id),
  });
  scheduler.setPause(null);
  let order = 0;
  const submit = (): void => {
    order++;
    const claims = claimsOf(order);
    scheduler.add({
      id: String(order),
      task: "a_task",
      priority: 0,
      order,
      since: 0,
      lane: "async",
      claims,
      parent: null,
    });
  };
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

const type = { policy: { ...defaultPolicy, usesDependOnParameters: true } } as TaskType;

const limits = {
  maxConcurrentTasks: 3,
  blockingWorkers: 4,
  capacities: {},
  defaultTimeoutSeconds: null,
  cancelGraceSeconds: 5,
  stallSeconds: 300,
  maxFinishedTasks: 10_000,
  maxFinishedAgeHours: 720,
  clearHistoryOnShutdown: false,
  singleTaskMode: false,
  refusesClaimedDevices: false,
  pauseAfterInterruptedHardware: true,
};
