// The lane of `async run` and `async *run`: the event loop itself. Nothing here can end a task that does not listen.
import type { Lane, LaneRun, Work, WorkEvents } from "../engine/ports.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { TaskFiles } from "../task/context.ts";
import type { Device } from "../task/devices.ts";
import type { Claims } from "../task/policy.ts";
import type { Services } from "../task/services.ts";
import { Cancelled } from "../task/steering.ts";
import { placeIn, stackOf } from "./failure.ts";
import { LoopAttempt } from "./loop/attempt.ts";
import { createLoopContext } from "./loop/context.ts";
import { Owners } from "./loop/owners.ts";
import { Turns } from "./loop/turns.ts";
import type { RunningTask } from "./watchdog/shared-notes.ts";

export interface LoopLaneOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly files: (taskId: string) => TaskFiles;
  /** The devices named in `uses`; every call is given `signal()`, beside one of its own. */
  readonly devices: (uses: Claims, signal: () => AbortSignal) => Record<string, Device>;
  readonly services: Services;
  /** Told of every task that begins. */
  readonly onStart?: ((work: Work) => void) | undefined;
  /** Told before a task looks whether it is to stop: for a cancel that waits for the loop to turn. */
  readonly glance?: () => void;
}

export class LoopLane implements Lane {
  readonly #options: LoopLaneOptions;
  readonly #owners = new Owners<LoopAttempt>();
  readonly #turns = new Turns();
  readonly #running = new Set<LoopAttempt>();
  /** By file, the latest: what it left behind may fail when nobody is followed any more. */
  readonly #ended = new Map<string, LoopAttempt>();

  constructor(options: LoopLaneOptions) {
    this.#options = options;
  }

  start(work: Work, events: WorkEvents): LaneRun {
    const { clock, log, files, devices, services, glance } = this.#options;
    const attempt = new LoopAttempt(work, events, clock, log);
    const { stop, gate } = attempt;
    this.#options.onStart?.(work);
    const createContext = () =>
      createLoopContext({
        work,
        events,
        clock,
        services,
        stop,
        gate,
        files: () => files(work.taskId),
        devices: () => devices(work.claims, () => stop.signalForDevices()),
        log: () => attempt.taskLog,
        report: (update) => attempt.report(update),
        glance,
      });
    const ended = attempt.run(createContext, this.#owners, this.#turns);
    this.#running.add(attempt);
    void ended.then(() => {
      this.#running.delete(attempt);
      this.#ended.set(attempt.code.file, attempt);
    });
    return attempt.handle(ended);
  }

  /** Those that have begun and not ended. */
  *running(): Iterable<RunningTask> {
    for (const { work } of this.#running) yield { task_id: work.taskId, task: work.type.name };
  }

  /**
   * For the process's handlers of `unhandledRejection` and `uncaughtException`: true when the error belongs to a task of
   * this lane, which is told to stop and will fail with it. An ended task's is logged.
   */
  blame(error: unknown): boolean {
    const owner = this.#owners.current() ?? this.#namedIn(stackOf(error));
    owner?.blame(error);
    return owner !== undefined;
  }

  /** Tells what still runs to stop. Does not wait: nothing here can end a task that does not listen. */
  async close(): Promise<void> {
    for (const attempt of this.#running) attempt.stop.order(new Cancelled("shutdown"));
  }

  /** Where no context is known the stack tells: one running task whose file it names, or what an ended one left. */
  #namedIn(stack: string | null): LoopAttempt | undefined {
    const isNamed = (attempt: LoopAttempt): boolean => placeIn(stack, attempt.code) !== null;
    const running = [...this.#running].filter(isNamed);
    if (running.length > 0) return running.length === 1 ? running[0] : undefined;
    return [...this.#ended.values()].find(isNamed);
  }
}
