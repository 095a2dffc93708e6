// Runs inside a worker: executes one task after the other. Knows its port and its orders, no lane and no pool.
import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as loopTurn } from "node:timers/promises";
import { type MessagePort, parentPort, threadId } from "node:worker_threads";
import { systemClock } from "../../lib/clock.ts";
import { getOrMake } from "../../lib/get-or-make.ts";
import { stackOf } from "../failure.ts";
import { decode, type Start } from "../protocol.ts";
import { Orders } from "./orders.ts";
import { lineThrough } from "./outbox.ts";
import { stepBack } from "./step-back.ts";
import { type Runnable, ThreadAttempt } from "./thread-attempt.ts";

/** What the main thread hands to a worker for one attempt. */
export interface Assignment {
  readonly port: MessagePort;
  /** Of `Orders`. */
  readonly memory: SharedArrayBuffer;
  /** A `Start`. */
  readonly start: string;
}

/** One for each thread; the pool calls it with one assignment at a time. */
export function createExecutor(): (assignment: Assignment) => Promise<void> {
  stepBack();
  const owner = new AsyncLocalStorage<ThreadAttempt>();
  let current: ThreadAttempt | null = null;
  /** A task that has ended left something behind that failed. */
  let spoiled = false;

  // An error nobody awaits leaves the thread in an unknown state: its task fails, and another thread takes its place.
  const onStray = (error: unknown): void => {
    const culprit = owner.getStore() ?? current;
    if (current && culprit === current) current.fail(error);
    else parentPort?.postMessage(`what an ended task left behind failed: ${stackOf(error) ?? error}`);
    // An innocent task may finish first.
    if (current && culprit !== current) spoiled = true;
    else process.exit(1);
  };
  process.on("unhandledRejection", onStray);
  process.on("uncaughtException", onStray);

  return async ({ port, memory, start }) => {
    const attempt = new ThreadAttempt(
      decode<Start>(start),
      lineThrough(port),
      new Orders(memory),
      systemClock,
    );
    current = attempt;
    attempt.begin(threadId);
    const done = await owner.run(attempt, () => attempt.run(load));
    // Rejections nobody awaits come to light when the loop turns; until then nothing is decided.
    await loopTurn();
    attempt.finish(done);
    current = null;
    if (spoiled) process.exit(1);
  };
}

type TaskClass = new () => Runnable["task"];

/** On Node 20 each import asks the thread of the hooks anew, which has to wait for a processor like everybody else. */
const modules = new Map<string, Promise<Record<string, unknown>>>();

async function load({ module: { url, exportName }, parameters }: Start): Promise<Runnable> {
  const module = await getOrMake(modules, url, () => import(url));
  return { task: new (module[exportName] as TaskClass)(), parameters };
}
