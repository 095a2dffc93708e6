// For authors: runs one attempt of a task class over a clock that stands still, with the real lane and real drivers.
// `import { tryTask } from "armature/testing"`; no server, no store, no waiting.
import { type Verdict, verdict } from "./engine/attempt/verdict.ts";
import { validParameters } from "./engine/intake/submission.ts";
import type { Ending, LogEntry, TaskType, Work } from "./engine/ports.ts";
import { RuntimeError } from "./errors/runtime-error.ts";
import type { Devices } from "./hardware/devices.ts";
import { Closers } from "./lib/closers.ts";
import { type FakeClock, settled } from "./lib/fake-clock.ts";
import { typeOfGiven } from "./registry/program-types.ts";
import type { DependencyOutcome } from "./task/dependencies.ts";
import type { ProgressUpdate } from "./task/progress.ts";
import type { WrittenFile } from "./task/record.ts";
import type { CancelReason } from "./task/steering.ts";
import { type Equipment, makeStand } from "./testing/stand.ts";
import { Told, type TrialAnswers } from "./testing/told.ts";

export { FakeClock, settled } from "./lib/fake-clock.ts";

export interface TrialOptions extends Equipment, TrialAnswers {
  /** What an earlier attempt saved. */
  readonly resumedFrom?: unknown;
  readonly userContext?: unknown;
  /** What it finds as `ctx.dependencies`: completed where nothing else is said. */
  readonly dependencies?: readonly (Pick<DependencyOutcome, "task"> & Partial<DependencyOutcome>)[];
  /** 1 for the first. Default 1. */
  readonly attempt?: number;
}

export interface Trial {
  readonly clock: FakeClock;
  /** The data directory of this trial, absolute; `close` removes it. */
  readonly data: string;
  /** The devices of `options.devices`: faults can be injected into simulated ones. */
  readonly devices: Devices;
  /** Everything the task has told so far. */
  readonly told: {
    readonly progress: readonly ProgressUpdate[];
    /** In `yield { checkpoint }` and `ctx.checkpoint(state)`. */
    readonly checkpoints: readonly unknown[];
    readonly logs: readonly LogEntry[];
    readonly artifacts: readonly WrittenFile[];
    readonly partialResult: unknown;
    /** It stands at a checkpoint because of `pause`. */
    readonly isPaused: boolean;
  };
  cancel(reason?: CancelReason): void;
  pause(): void;
  resume(): void;
  /** Lets time pass, timer by timer, until the task has ended. @throws Error where it waits for something that is no timer */
  end(): Promise<Verdict>;
  /** Ends what is left and removes its files. */
  close(): Promise<void>;
}

/**
 * Begins an attempt of an async task; nothing moves on before `clock.advance` or `end`.
 * @param taskClass what the task file exports
 * @throws INVALID_TASK_CLASS, INVALID_PARAMETERS
 */
export async function tryTask(
  taskClass: unknown,
  parameters: Readonly<Record<string, unknown>> = {},
  options: TrialOptions = {},
): Promise<Trial> {
  const type = typeOfGiven(taskClass);
  if (type.policy.isBlocking) {
    const reason = "it blocks, and would stop the test with it";
    throw new RuntimeError("INVALID_TASK_CLASS", {
      name: type.name,
      reason,
      hint: "Call its run with a context of your own, or submit it to a runtime.",
    });
  }
  return begin(type, validParameters(type, parameters), options);
}

async function begin(
  type: TaskType,
  parameters: Readonly<Record<string, unknown>>,
  options: TrialOptions,
): Promise<Trial> {
  const closers = new Closers();
  const taskId = crypto.randomUUID();
  const { clock, data, devices, lane } = await makeStand(taskId, options, closers);
  const claims = type.policy.usesDependOnParameters ? await type.claimsOf(parameters) : type.policy.uses;
  const { attempt = 1, resumedFrom, userContext = null } = options;
  const work: Work = {
    ...{ taskId, type, parameters, attempt, resumedFrom, userContext, claims },
    limits: type.policy.limits,
    dependencies: (options.dependencies ?? []).map((given) => ({
      ...{
        id: crypto.randomUUID(),
        key: null,
        name: given.task,
        status: "completed",
        result: null,
        failure: null,
      },
      ...given,
    })),
  };
  const hearing = new Told(options);
  const run = lane.start(work, hearing);
  closers.add("the task", () => run.cancel("shutdown"));
  let reason: CancelReason | null = null;
  let ending: Ending | null = null;
  void run.ended.then((how) => {
    ending = how;
  });
  return {
    clock,
    data,
    devices,
    told: {
      ...hearing.heard,
      get partialResult() {
        return hearing.partialValue;
      },
      get isPaused() {
        return hearing.isPaused;
      },
    },
    cancel(why = "user") {
      reason ??= why;
      run.cancel(why);
    },
    pause: () => run.pause(1),
    resume() {
      hearing.isPaused = false;
      run.resume();
    },
    async end() {
      while (ending === null) await nextStep(clock, hearing, () => ending !== null);
      return verdict(ending, {
        reason,
        stopsAfterStep: false,
        timeoutSeconds: null,
        partialResult: hearing.partialValue,
      });
    },
    close: () => closers.close(),
  };
}

/** Files and devices answer by themselves after a moment; then only a timer can bring a task on. */
const patience = { looks: 200, everyMs: 5 };

async function nextStep(clock: FakeClock, { isPaused }: Told, isOver: () => boolean): Promise<void> {
  await settled();
  for (let look = 0; clock.nextInMs === null && !isOver() && look < patience.looks; look++)
    await new Promise((resolve) => setTimeout(resolve, patience.everyMs));
  if (isOver()) return;
  if (clock.nextInMs !== null) return clock.advance(clock.nextInMs);
  throw new Error(
    isPaused
      ? "The task is paused: resume() lets it go on."
      : "The task waits for something that is no timer of its context; end() cannot bring it on.",
  );
}
