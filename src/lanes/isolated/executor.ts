// Runs inside a child: executes one attempt of one task, of whatever shape, and then waits to be ended.
import { setImmediate as loopTurn } from "node:timers/promises";
import { RuntimeError } from "../../errors/runtime-error.ts";
import { systemClock } from "../../lib/clock.ts";
import type { Services } from "../../task/services.ts";
import type { IsolatedStart, ToChild } from "../protocol.ts";
import { Orders } from "../worker/orders.ts";
import { stepBack } from "../worker/step-back.ts";
import { type Runnable, ThreadAttempt } from "../worker/thread-attempt.ts";
import { AsyncAttempt } from "./async-attempt.ts";
import { type Channel, ChildLine } from "./line.ts";

type Parameters = Readonly<Record<string, unknown>>;

/** What the composition root of the child hands over. */
export interface ExecutorParts {
  readonly channel: Channel;
  /** Of `Orders`; the parent sets them. */
  readonly memory: SharedArrayBuffer;
  /** @param remote a service that stays with the parent */
  readonly createServices: (remote: (name: string) => object) => Services;
  /** Checks what a task is started with against the class's own schema, and fills in defaults. */
  readonly check: (
    taskClass: unknown,
    parameters: Parameters,
  ) => { readonly ok: true; readonly parameters: unknown } | { readonly ok: false; readonly issues: unknown };
}

export function serve(parts: ExecutorParts): void {
  const line = new ChildLine(parts.channel);
  let running: AsyncAttempt | null = null;
  parts.channel.onMessage((message) => {
    const told = message as ToChild;
    if (told.type !== "start") running?.hear(told);
    else if (told.isBlocking) void runBlocking(told, line, parts);
    else running = new AsyncAttempt(told, line, parts, load);
  });
}

async function runBlocking(start: IsolatedStart, line: ChildLine, parts: ExecutorParts): Promise<void> {
  stepBack();
  const attempt = new ThreadAttempt(start, line, new Orders(parts.memory), systemClock);
  const onStray = (error: unknown): void => attempt.fail(error);
  process.on("unhandledRejection", onStray);
  process.on("uncaughtException", onStray);
  attempt.begin(process.pid);
  const done = await attempt.run(() => load(start, parts));
  // Rejections nobody awaits come to light when the loop turns; until then nothing is decided.
  await loopTurn();
  attempt.finish(done);
}

type TaskClass = new () => Runnable["task"];

/** @throws INVALID_PARAMETERS, and what the file throws */
async function load(start: IsolatedStart, { check }: ExecutorParts): Promise<Runnable> {
  const { url, exportName } = start.module;
  const module: Record<string, unknown> = await import(url);
  const taskClass = module[exportName] as TaskClass;
  if (!start.checksParameters) return { task: new taskClass(), parameters: start.parameters };
  const checked = check(taskClass, start.parameters);
  if (checked.ok) return { task: new taskClass(), parameters: checked.parameters };
  throw new RuntimeError("INVALID_PARAMETERS", { task: start.taskName, errors: checked.issues });
}
