// The lane of `async run` and `async *run`: the event loop itself. Nothing here can end a task that does not listen.
import type { Lane, LaneRun, Work, WorkEvents } from "../engine/ports.ts";
import type { Logger } from "../lib/logger.ts";
import { TurnoverSet } from "../lib/turnover.ts";
import { Cancelled } from "../task/steering.ts";
import { placeIn, stackOf } from "./failure.ts";
import { LoopAttempt, type LoopRoom } from "./loop/attempt.ts";
import { LoopContext, type LoopTools } from "./loop/context.ts";
import { Owners } from "./loop/owners.ts";
import { Turns } from "./loop/turns.ts";
import type { RunningTask } from "./watchdog/shared-notes.ts";

export interface LoopLaneOptions extends LoopTools {
  readonly log: Logger;
  /** Told of every task that begins. */
  readonly onStart?: ((work: Work) => void) | undefined;
}

export class LoopLane implements Lane {
  readonly #options: LoopLaneOptions;
  readonly #owners = new Owners<LoopAttempt>();
  readonly #running = new TurnoverSet<LoopAttempt>();
  /** By file, the latest: what it left behind may fail when nobody is followed any more. */
  readonly #ended = new Map<string, LoopAttempt>();

  readonly #room: LoopRoom;

  constructor(options: LoopLaneOptions) {
    this.#options = options;
    this.#room = {
      clock: options.clock,
      log: options.log,
      owners: this.#owners,
      turns: new Turns(),
      createContext: (attempt) => new LoopContext(attempt, options),
      over: (attempt) => {
        this.#running.delete(attempt);
        this.#ended.set(attempt.code.file, attempt);
      },
    };
  }

  start(work: Work, events: WorkEvents): LaneRun {
    this.#options.onStart?.(work);
    const attempt = new LoopAttempt(work, events, this.#room);
    this.#running.add(attempt);
    return attempt;
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
