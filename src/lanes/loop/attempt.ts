// One attempt in the event loop, from the first line of `run` to its last.
import { setImmediate as loopTurn } from "node:timers/promises";
import type { Ending, LaneRun, Work, WorkEvents } from "../../engine/ports.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { AsyncContext, TaskLog } from "../../task/context.ts";
import { Cancelled, type CancelReason, steeringOf } from "../../task/steering.ts";
import { drive } from "../drive.ts";
import { asError, comesFrom, failureOf, stackOf, type TaskCode } from "../failure.ts";
import { ownCopy, plainCopy } from "../plain-copy.ts";
import { createTaskLog } from "../task-log.ts";
import { createReporter } from "../update.ts";
import { Gate } from "./gate.ts";
import type { Owners } from "./owners.ts";
import { Stop } from "./stop.ts";
import type { Turns } from "./turns.ts";

/** What the attempts of a lane share. */
export interface LoopRoom {
  readonly clock: Clock;
  readonly log: Logger;
  readonly owners: Owners<LoopAttempt>;
  readonly turns: Turns;
  createContext(attempt: LoopAttempt): AsyncContext;
  /** Told when one has ended. */
  over(attempt: LoopAttempt): void;
}

/** Longest time a task may yield in a row before everybody else has a turn, in milliseconds. */
const longestStretchMs = 5;

export class LoopAttempt implements LaneRun {
  readonly stop = new Stop();
  readonly gate: Gate;
  readonly code: TaskCode;
  readonly work: Work;
  readonly events: WorkEvents;
  readonly ended: Promise<Ending>;
  readonly kill = null;
  readonly #clock: Clock;
  readonly #log: Logger;
  #hasEnded = false;
  // Made when somebody asks.
  #taskLog: TaskLog | null = null;
  #report: ((update: unknown) => void) | null = null;
  /** An error nobody awaited, which decides how the attempt ends. */
  #blamed: { error: unknown } | null = null;
  #turnedAt = performance.now();

  /** Its first line runs in a later turn of the loop. */
  constructor(work: Work, events: WorkEvents, room: LoopRoom) {
    this.work = work;
    this.events = events;
    this.#clock = room.clock;
    this.#log = room.log;
    this.code = { file: work.type.source.file, url: work.type.module.url };
    this.gate = new Gate(this.stop, events);
    this.ended = this.#run(room);
  }

  get taskLog(): TaskLog {
    this.#taskLog ??= createTaskLog(this.#clock, (entry) => this.events.log(entry));
    return this.#taskLog;
  }

  /** Takes what was yielded or handed to `ctx.progress`. */
  report(update: unknown): void {
    this.#report ??= createReporter(this.taskLog, (taken) => this.events.progress(taken));
    this.#report(update);
  }

  cancel(reason: CancelReason): void {
    this.stop.order(new Cancelled(reason));
  }

  pause(request: number): void {
    this.gate.pause(request);
  }

  resume(): void {
    this.gate.resume();
  }

  /** Never rejects. */
  async #run({ owners, turns, createContext, over }: LoopRoom): Promise<Ending> {
    // The caller has its LaneRun before the first line runs.
    const turn = turns.next();
    await turn.begun;
    try {
      const result = await owners.run(this, () => this.#drive(createContext));
      // Rejections nobody awaits come to light in a moment; until then nothing is decided.
      await turns.settled(turn);
      if (this.#blamed) return this.#threw(this.#blamed.error);
      return {
        how: "returned",
        result: plainCopy(result, "RESULT_NOT_SERIALIZABLE", "result"),
        sawCancel: this.stop.wasSeen,
      };
    } catch (error) {
      return this.#threw(this.#blamed ? this.#blamed.error : error);
    } finally {
      this.#hasEnded = true;
      owners.over();
      over(this);
    }
  }

  /** What it returns, or a promise of that. */
  #drive(createContext: LoopRoom["createContext"]): unknown {
    const parameters = ownCopy(this.work.parameters);
    const returned = this.work.type.create().run(parameters, createContext(this));
    return drive(returned, (value) => this.#yielded(value));
  }

  /** The task let an error go unawaited: it is told to stop, and that error is its failure. */
  blame(error: unknown): void {
    if (this.#hasEnded) {
      this.#log.warn(
        { task_id: this.work.taskId, stack: stackOf(error) },
        "an ended task left something behind that failed",
      );
      return;
    }
    this.#blamed ??= { error };
    this.stop.order(asError(error));
  }

  #yielded(value: unknown): void | Promise<void> {
    this.report(value);
    if (performance.now() - this.#turnedAt > longestStretchMs) return this.#letOthersRun();
    if (!this.gate.isOpen) return this.gate.pass();
  }

  async #letOthersRun(): Promise<void> {
    await this.stop.through(loopTurn());
    this.#turnedAt = performance.now();
    await this.gate.pass();
  }

  #threw(error: unknown): Ending {
    const failure = failureOf(error, this.code);
    const cancelled = this.#blamed === null && this.stop.isOrdered && comesFrom(error);
    if (!cancelled)
      this.#log.info(
        { task_id: this.work.taskId, code: failure.code, stack: stackOf(error) },
        "the task threw",
      );
    const steering = steeringOf(error);
    return { how: "threw", failure, cancelled, ...(steering && { steering }) };
  }
}
