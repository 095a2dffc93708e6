// One attempt inside a worker: finds the class, runs it, tells how it ended.
import type { MessagePort } from "node:worker_threads";
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
import { Orders } from "./orders.ts";
import { Outbox } from "./outbox.ts";

type TaskClass = new () => { run(parameters: unknown, context: unknown): unknown };

export class ThreadAttempt {
  readonly #start: Start;
  readonly #clock: Clock;
  readonly #outbox: Outbox;
  readonly #desk: Desk;
  readonly #code: TaskCode;

  constructor(start: Start, port: MessagePort, memory: SharedArrayBuffer, clock: Clock) {
    this.#start = start;
    this.#clock = clock;
    this.#outbox = new Outbox(port);
    this.#desk = new Desk(new Orders(memory), this.#outbox);
    this.#code = { file: start.file, url: start.module.url };
  }

  /** @param thread its id */
  begin(thread: number): void {
    this.#outbox.send({ type: "started", id: thread });
  }

  async run(): Promise<Done> {
    try {
      const { url, exportName } = this.#start.module;
      const module: Record<string, unknown> = await import(url);
      const instance = new (module[exportName] as TaskClass)();
      const log = createTaskLog(this.#clock, (entry) => this.#outbox.send({ type: "log", entry }));
      const report = createReporter(log, (update) => this.#outbox.progress(update));
      const returned = instance.run(this.#start.parameters, this.#createContext(log, report));
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
