// For authors: runs one attempt of a task class over a clock that stands still, with the real lane and real drivers.
// `import { tryTask } from "armature/testing"`; no server, no store, no waiting.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type Verdict, verdict } from "./engine/attempt/verdict.ts";
import { validParameters } from "./engine/intake/submission.ts";
import type { Asked, Call, Ending, LogEntry, TaskType, Work, WorkEvents } from "./engine/ports.ts";
import { RuntimeError } from "./errors/runtime-error.ts";
import { type Devices, openDevices } from "./hardware/devices.ts";
import { type DeviceProfileInput, deviceProfileSchema } from "./hardware/profile.ts";
import { createTaskFiles } from "./lanes/files.ts";
import { LoopLane } from "./lanes/loop.ts";
import { Closers } from "./lib/closers.ts";
import { FakeClock, settled } from "./lib/fake-clock.ts";
import type { Logger } from "./lib/logger.ts";
import { typeOfGiven } from "./registry/program-types.ts";
import { createServices } from "./services/services.ts";
import { type CloudSettingsInput, cloudFrom } from "./settings/cloud.ts";
import { parseStrictly } from "./settings/strict.ts";
import { Quarantine } from "./store/quarantine.ts";
import type { DependencyOutcome } from "./task/dependencies.ts";
import type { ProgressUpdate } from "./task/progress.ts";
import type { TaskView, WrittenFile } from "./task/record.ts";
import type { CancelReason } from "./task/steering.ts";

export { FakeClock, settled } from "./lib/fake-clock.ts";

export interface TrialOptions {
  /** What an earlier attempt saved. */
  readonly resumedFrom?: unknown;
  readonly userContext?: unknown;
  /** What it finds as `ctx.dependencies`: completed where nothing else is said. */
  readonly dependencies?: readonly (Pick<DependencyOutcome, "task"> & Partial<DependencyOutcome>)[];
  /** 1 for the first. Default 1. */
  readonly attempt?: number;
  /** As in settings/devices/<profile>.json: real drivers over the fake clock. */
  readonly devices?: DeviceProfileInput["devices"];
  /** As in settings/cloud.json. Default: there is no cloud. */
  readonly cloud?: CloudSettingsInput;
  /** Files that are there when it begins, by their path below the data directory. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Answers `ctx.ask`. Without it a question ends the trial as failed. */
  readonly answer?: (question: Asked) => unknown;
  /** What the tasks it submits return. Without it a submit ends the trial as failed. */
  readonly child?: (task: string, parameters: Readonly<Record<string, unknown>>) => unknown;
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

const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

async function begin(
  type: TaskType,
  parameters: Readonly<Record<string, unknown>>,
  options: TrialOptions,
): Promise<Trial> {
  const closers = new Closers();
  const clock = new FakeClock();
  const data = mkdtempSync(path.join(os.tmpdir(), "armature-trial-"));
  closers.add("the files", () => rm(data, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(options.files ?? {})) {
    mkdirSync(path.dirname(path.join(data, name)), { recursive: true });
    writeFileSync(path.join(data, name), content);
  }
  const profile = parseStrictly(deviceProfileSchema, { devices: options.devices ?? {} }, "devices");
  const devices = await openDevices(profile, { clock, log: quiet, root: process.cwd() });
  closers.add("the devices", () => devices.close());

  const taskId = crypto.randomUUID();
  const quarantine = new Quarantine({ directory: data, clock, logger: quiet });
  const lane = new LoopLane({
    clock,
    log: quiet,
    files: () => createTaskFiles({ dataDirectory: data, mediaDirectories: () => [], taskId }),
    devices: (uses, signal) => devices.bind(uses, signal),
    services: createServices({
      ...{ dataDirectory: data, clock, quarantine },
      cloud: cloudFrom(options.cloud ?? {}, "cloud"),
    }),
  });
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

/** Hears what the task tells, and answers what it asks. */
class Told implements WorkEvents {
  readonly #options: TrialOptions;
  readonly #children = new Map<string, TaskOutcome>();
  readonly heard = {
    progress: [] as ProgressUpdate[],
    checkpoints: [] as unknown[],
    logs: [] as LogEntry[],
    artifacts: [] as WrittenFile[],
  };
  partialValue: unknown = null;
  isPaused = false;

  constructor(options: TrialOptions) {
    this.#options = options;
  }

  progress(update: ProgressUpdate): void {
    this.heard.progress.push(update);
    if (update.checkpoint !== undefined) this.heard.checkpoints.push(update.checkpoint);
  }

  async checkpoint(state: unknown): Promise<void> {
    this.heard.checkpoints.push(state);
  }

  paused(): void {
    this.isPaused = true;
  }

  partialResult(value: unknown): void {
    this.partialValue = value;
  }

  log(entry: LogEntry): void {
    this.heard.logs.push(entry);
  }

  artifact(artifact: WrittenFile): void {
    this.heard.artifacts.push(artifact);
  }

  async call(call: Call): Promise<unknown> {
    switch (call.to) {
      case "ask":
        if (!this.#options.answer) throw new Error(`The trial has no answer to: ${call.question.prompt}`);
        return this.#options.answer(call.question);
      case "submit":
        return this.#submit(call.task, call.parameters);
      case "wait":
        return this.#childOf(call.id);
      case "cancel":
        this.#childOf(call.id);
    }
  }

  #submit(task: string, parameters: Readonly<Record<string, unknown>>): string {
    if (!this.#options.child) throw new Error(`The trial has no child for ${task}.`);
    const id = crypto.randomUUID();
    const result = this.#options.child(task, parameters) ?? null;
    this.#children.set(id, { id, task, status: "completed", result });
    return id;
  }

  #childOf(id: string): TaskOutcome {
    const child = this.#children.get(id);
    if (!child) throw new RuntimeError("UNKNOWN_TASK", { id });
    return child;
  }
}

type TaskOutcome = Pick<TaskView, "id" | "task" | "status" | "result">;
