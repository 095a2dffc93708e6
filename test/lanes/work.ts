// Hands real task files to a lane and writes down what it tells.
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Call, Lane, LaneRun, LogEntry, TaskType, Work, WorkEvents } from "../../src/engine/ports.ts";
import { defaultPolicy } from "../../src/task/policy.ts";
import type { ProgressUpdate } from "../../src/task/progress.ts";
import type { WrittenFile } from "../../src/task/record.ts";

type TaskClass = (new () => { run(parameters: unknown, context: unknown): unknown }) & {
  taskName: string;
  isBlocking?: boolean;
};

const fixtures = path.resolve(import.meta.dirname, "../fixtures/tasks/lanes");

/** @param file below test/fixtures/tasks/lanes, or absolute */
export async function taskTypeOf(file: string, exportName: string): Promise<TaskType> {
  const type = (await fixtureTypes(file)).find(({ module }) => module.exportName === exportName);
  if (!type) throw new Error(`${file} exports no ${exportName}`);
  return type;
}

/** All that a file exports; the same modules as always. */
export async function fixtureTypes(file: string): Promise<TaskType[]> {
  const url = `${pathToFileURL(path.resolve(fixtures, file)).href}?task=1`;
  const module: Record<string, unknown> = await import(url);
  const classes = Object.entries(module).filter(
    (one): one is [string, TaskClass] => "taskName" in Object(one[1]),
  );
  return classes.map(([exportName, Class]) => ({
    name: Class.taskName,
    category: "test",
    description: null,
    policy: { ...defaultPolicy, isBlocking: Class.isBlocking ?? false },
    source: { file, hash: "0" },
    parametersSchema: null,
    resultSchema: null,
    validate: (parameters) => ({ ok: true, parameters }),
    claimsOf: () => ({}),
    isTrusted: true,
    create: () => new Class(),
    module: { url, exportName },
  }));
}

/** The line of the fixture that contains `text`. */
export function lineOf(file: string, text: string): number {
  const lines = readFileSync(path.join(fixtures, file), "utf8").split("\n");
  return 1 + lines.findIndex((line) => line.includes(text));
}

export type Heard =
  | { kind: "progress"; update: ProgressUpdate }
  | { kind: "checkpoint"; state: unknown }
  | { kind: "paused"; request: number }
  | { kind: "partial"; value: unknown }
  | { kind: "log"; entry: LogEntry }
  | { kind: "artifact"; artifact: WrittenFile };

export class Recorder implements WorkEvents {
  readonly heard: Heard[] = [];
  /** What calls are answered. */
  onCall: (call: Call) => Promise<unknown> = async () => null;
  /** What a checkpoint waits for. */
  onCheckpoint: (state: unknown) => Promise<void> = async () => undefined;
  /** What is done at once when the task stands at a pause. */
  onPaused: () => void = () => undefined;
  #waiting: { matches: (heard: Heard) => boolean; resolve: () => void }[] = [];

  call(call: Call): Promise<unknown> {
    return this.onCall(call);
  }

  /** Resolves with the first thing heard that matches, past or future. */
  async until(matches: (heard: Heard) => boolean): Promise<void> {
    if (this.heard.some(matches)) return;
    await new Promise<void>((resolve) => this.#waiting.push({ matches, resolve }));
  }

  untilLog(message: string): Promise<void> {
    return this.until((heard) => heard.kind === "log" && heard.entry.message === message);
  }

  untilPaused(request: number): Promise<void> {
    return this.until((heard) => heard.kind === "paused" && heard.request === request);
  }

  of<Kind extends Heard["kind"]>(kind: Kind): Extract<Heard, { kind: Kind }>[] {
    return this.heard.filter((heard): heard is Extract<Heard, { kind: Kind }> => heard.kind === kind);
  }

  progress(update: ProgressUpdate): void {
    this.#hear({ kind: "progress", update });
  }
  checkpoint(state: unknown): Promise<void> {
    this.#hear({ kind: "checkpoint", state });
    return this.onCheckpoint(state);
  }
  paused(request: number): void {
    this.#hear({ kind: "paused", request });
    this.onPaused();
  }
  partialResult(value: unknown): void {
    this.#hear({ kind: "partial", value });
  }
  log(entry: LogEntry): void {
    this.#hear({ kind: "log", entry });
  }
  artifact(artifact: WrittenFile): void {
    this.#hear({ kind: "artifact", artifact });
  }

  #hear(heard: Heard): void {
    this.heard.push(heard);
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((one) => !one.matches(heard));
    for (const one of waiting) if (one.matches(heard)) one.resolve();
  }
}

export interface Begun extends LaneRun {
  readonly events: Recorder;
}

export function begin(
  lane: Lane,
  type: TaskType,
  parameters: Record<string, unknown> = {},
  more: Partial<Work> & { events?: Recorder } = {},
): Begun {
  const { events = new Recorder(), ...rest } = more;
  const work: Work = {
    taskId: crypto.randomUUID(),
    attempt: 1,
    type,
    parameters,
    resumedFrom: undefined,
    userContext: null,
    dependencies: [],
    claims: type.policy.uses,
    limits: type.policy.limits,
    ...rest,
  };
  const run = lane.start(work, events);
  return {
    events,
    ended: run.ended,
    ...(run.begun && { begun: run.begun }),
    cancel: (reason) => run.cancel(reason),
    pause: (request) => run.pause(request),
    resume: () => run.resume(),
    kill: run.kill && (() => run.kill?.()),
  };
}
