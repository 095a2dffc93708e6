// One attempt in a child, seen from the main process: hears what it tells, gives it its orders, does what it calls for,
// and knows when all of it is over.
import type { Call, Ending, LaneRun, Work, WorkEvents } from "../../engine/ports.ts";
import { RuntimeError, sentenceOf, toFailure } from "../../errors/runtime-error.ts";
import { type Clock, isoTime } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Child, ChildEnd } from "../../lib/processes/child.ts";
import type { CancelReason } from "../../task/steering.ts";
import { hear } from "../hear.ts";
import type { Done, FromChild, IsolatedStart, Outcome, ToChild } from "../protocol.ts";
import { sentFailure } from "../sent-failure.ts";
import { cancelOrder, type Order, pauseOrder } from "../worker/orders.ts";
import { type Exports, unsendable } from "./exports.ts";
import { heapFor, misfortune } from "./limits.ts";
import type { Processes } from "./processes.ts";

export interface AttemptParts {
  readonly start: Omit<IsolatedStart, "objects">;
  readonly exports: Exports;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly log: Logger;
  /** The child does not outlive a parent that is held up for longer; null where it may. */
  readonly longestSilenceMs: number | null;
}

export class IsolatedAttempt {
  readonly #work: Work;
  readonly #events: WorkEvents;
  readonly #parts: AttemptParts;
  #child: Child | null = null;
  #reason: CancelReason | null = null;
  #pauseRequest: number | null = null;
  #wasKilled = false;
  #hasBegun = false;
  #done: Done | null = null;

  constructor(work: Work, events: WorkEvents, parts: AttemptParts) {
    this.#work = work;
    this.#events = events;
    this.#parts = parts;
  }

  handle(ended: Promise<Ending>): LaneRun {
    return {
      ended,
      cancel: (reason) => {
        if (this.#reason !== null) return;
        this.#reason = reason;
        this.#cancel();
      },
      pause: (request) => {
        this.#pauseRequest = request;
        this.#pause();
      },
      resume: () => {
        this.#pauseRequest = null;
        this.#pause();
      },
      kill: () => {
        this.#wasKilled = true;
        this.#child?.kill();
      },
    };
  }

  /** For the log only, once it has ended. */
  get stack(): string | null {
    return this.#done?.stack ?? null;
  }

  /** Never rejects. */
  async run(): Promise<Ending> {
    let end = await this.#execute();
    // A child that waited warm can have died before; a task that has not begun loses nothing by that.
    if (!this.#hasBegun && !this.#wasKilled && typeof end !== "string") end = await this.#execute();
    await this.#parts.exports.close();
    if (this.#done) return this.#done.ending;
    if (this.#wasKilled) return { how: "killed" };
    const { source } = this.#work.type;
    const failure = toFailure(
      typeof end === "string"
        ? new RuntimeError("PROCESS_ENDED", {
            reason: `it could not be started: ${end}`,
            source: source.file,
          })
        : misfortune(end, this.#work.limits, source.file),
    );
    return { how: "threw", failure, cancelled: false };
  }

  /** @returns how the child ended, or why there was none */
  async #execute(): Promise<ChildEnd | string> {
    const { processes, start, exports, longestSilenceMs } = this.#parts;
    try {
      const { child, listen } = await processes.take(heapFor(this.#work.limits));
      listen({
        onMessage: (message) => this.#hear(message as FromChild, child),
        onLine: (line, stream) => this.#overhear(line, stream),
      });
      this.#child = child;
      if (longestSilenceMs !== null) child.endWithoutUs(longestSilenceMs);
      if (this.#wasKilled) child.kill();
      child.send({ ...start, objects: exports.shapes() } satisfies ToChild);
      if (this.#reason !== null) this.#cancel();
      if (this.#pauseRequest !== null) this.#pause();
      return await child.ended;
    } catch (error) {
      return sentenceOf(error);
    } finally {
      this.#child = null;
    }
  }

  /** What can be read of a device has changed. */
  changed(object: string): void {
    const properties = this.#parts.exports.propertiesOf(object);
    if (properties) this.#child?.send({ type: "properties", object, properties } satisfies ToChild);
  }

  #cancel(): void {
    if (this.#reason === null) return;
    this.#set(cancelOrder(this.#reason));
    if (!this.#parts.start.isBlocking)
      this.#child?.send({ type: "cancel", reason: this.#reason } satisfies ToChild);
  }

  #pause(): void {
    const request = this.#pauseRequest;
    if (this.#parts.start.isBlocking) this.#set(pauseOrder(request));
    else
      this.#child?.send(
        (request === null ? { type: "resume" } : { type: "pause", request }) satisfies ToChild,
      );
  }

  /** However busy it is. */
  #set({ place, value }: Order): void {
    this.#child?.setNumber(place, value);
  }

  #hear(message: FromChild, child: Child): void {
    if (this.#done) return;
    switch (message.type) {
      case "started":
        this.#hasBegun = true;
        // What the process needed to come up is not the task's.
        child.limit(this.#work.limits);
        this.#parts.processes.prepare(heapFor(this.#work.limits));
        break;
      case "done":
        this.#done = message;
        // One attempt for one process: its memory goes, and whatever it has started.
        child.kill();
        break;
      case "call":
        if (this.#wasKilled) break;
        void this.#answer(message.call).then((outcome) => this.#tell(child, message.number, outcome));
        break;
      case "invoke":
        // It may have said so before it was ended: nothing of it begins to move any more.
        if (this.#wasKilled) break;
        void this.#parts.exports.invoke(message).then((outcome) => {
          this.changed(message.object);
          this.#tell(child, message.number, outcome);
        });
        break;
      case "take_back":
        this.#parts.exports.takeBack(message.number);
        break;
      case "note":
        this.#parts.log[message.level](message.fields, message.message);
        break;
      default:
        hear(message, this.#events, (saved) => child.send(saved satisfies ToChild));
    }
  }

  async #answer(call: Call): Promise<Outcome> {
    try {
      return { ok: true, value: await this.#events.call(call) };
    } catch (error) {
      return { ok: false, failure: sentFailure(error), takenBack: false };
    }
  }

  #tell(child: Child, number: number, outcome: Outcome): void {
    try {
      child.send({ type: "outcome", number, outcome } satisfies ToChild);
    } catch (error) {
      child.send({ type: "outcome", number, outcome: unsendable(error) } satisfies ToChild);
    }
  }

  /** A line on the child's standard output is the task's, like a line of its log. It may come behind the word of the end. */
  #overhear(message: string, stream: "stdout" | "stderr"): void {
    const level = stream === "stdout" ? "info" : "warn";
    this.#events.log({ level, time: isoTime(this.#parts.clock.now()), message, fields: { stream } });
  }
}
