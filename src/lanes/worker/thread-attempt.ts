// One attempt of a blocking task where it runs, in a thread or a process: finds the class, runs it, tells how it ended.
import type { Clock } from "../../lib/clock.ts";
import type { TaskLog } from "../../task/context.ts";
import { steeringOf } from "../../task/steering.ts";
import { drive } from "../drive.ts";
import { comesFrom, failureOf, stackOf, type TaskCode } from "../failure.ts";
import { createTaskFiles } from "../files.ts";
import { plainCopy } from "../plain-copy.ts";
import type { Done, Start } from "../protocol.ts";
import { createTaskLog } from "../task-log.ts";
import { createReporter } from "../update.ts";
import { createBlockingContext } from "./context.ts";
import { Desk } from "./desk.ts";
import type { Orders } from "./orders.ts";
import { type Line, Outbox } from "./outbox.ts";

/** What runs, and with what. */
export interface Runnable {
  readonly task: { run(parameters: unknown, context: unknown): unknown };
  readonly parameters: unknown;
}

export class ThreadAttempt {
  readonly #start: Start;
  readonly #clock: Clock;
  readonly #outbox: Outbox;
  readonly #desk: Desk;
  readonly #code: TaskCode;

  constructor(start: Start, line: Line, orders: Orders, clock: Clock) {
    this.#start = start;
    this.#clock = clock;
    this.#outbox = new Outbox(line);
    this.#desk = new Desk(orders, this.#outbox);
    this.#code = { file: start.file, url: start.module.url };
  }

  /** @param id of the thread or process */
  begin(id: number): void {
    this.#outbox.send({ type: "started", id });
  }

  /** @param load imports the task file */
  async run(load: (start: Start) => Promise<Runnable>): Promise<Done> {
    try {
      const { task, parameters } = await load(this.#start);
      const log = createTaskLog(this.#clock, (entry) => this.#outbox.send({ type: "log", entry }));
      const report = createReporter(log, (update) => this.#outbox.progress(update));
      const returned = task.run(parameters, this.#createContext(log, report));
      const value = await drive(returned, (yielded) => {
        report(yielded);
        this.#desk.pass();
      });
      const result = plainCopy(value, "RESULT_NOT_SERIALIZABLE", "result");
      return {
        type: "done",
        ending: { how: "returned", result, sawCancel: this.#desk.wasSeen },
        stack: null,
      };
    } catch (error) {
      return this.#threw(error);
    }
  }

  finish(done: Done): void {
    this.#outbox.send(done);
    this.#outbox.close();
  }

  /** Ends the attempt here and now, whatever its code still does. */
  fail(error: unknown): void {
    this.finish(this.#threw(error));
  }

  #threw(error: unknown): Done {
    const cancelled = this.#desk.isOrdered && comesFrom(error);
    const steering = steeringOf(error);
    return {
      type: "done",
      ending: {
        how: "threw",
        failure: failureOf(error, this.#code),
        cancelled,
        ...(steering && { steering }),
      },
      stack: cancelled ? null : stackOf(error),
    };
  }

  #createContext(log: TaskLog, report: (update: unknown) => void) {
    const { dataDirectory, mediaDirectories, taskId } = this.#start;
    return createBlockingContext({
      start: this.#start,
      clock: this.#clock,
      files: createTaskFiles({ dataDirectory, mediaDirectories: () => mediaDirectories, taskId }),
      desk: this.#desk,
      outbox: this.#outbox,
      log,
      report,
    });
  }
}
