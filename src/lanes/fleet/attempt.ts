// One attempt in the fleet, seen from the runtime: waits for a worker, gives it its start and its orders, hears what it
// reports, and ends when the worker says that the process is gone, or the worker is lost. Knows no queue.
import type { Ending, LaneRun, LogEntry, Work, WorkEvents } from "../../engine/ports.ts";
import { RuntimeError, sentenceOf, toFailure } from "../../errors/runtime-error.ts";
import { type Clock, isoTime } from "../../lib/clock.ts";
import { deferred } from "../../lib/deferred.ts";
import type { CancelReason } from "../../task/steering.ts";
import { hear } from "../hear.ts";
import { receiveContent } from "./files.ts";
import type { Correspondence } from "./inbox.ts";
import type { FleetStart, Letter, Order, Report } from "./messages.ts";

export interface AttemptParts {
  readonly letters: Correspondence;
  readonly clock: Clock;
  /** Where the files of tasks lie, absolute. */
  readonly dataDirectory: string;
  /** It has ended before anybody began it: nobody shall. */
  readonly onWithdrawn: () => void;
}

interface Taker {
  readonly inbox: string;
  readonly name: string;
}

/** What a worker that goes away says of the next attempt: soon, and elsewhere. */
const rightAway = { tryLaterSeconds: 0 };

export class FleetAttempt {
  readonly #work: Work;
  readonly #events: WorkEvents;
  readonly #parts: AttemptParts;
  readonly #ended = deferred<Ending>();
  readonly #begun = deferred();
  /** Never rejects. */
  readonly ended = this.#ended.promise;
  #taker: Taker | null = null;
  #reason: CancelReason | null = null;
  #pauseRequest: number | null = null;
  #isOver = false;
  #looks = 0;

  constructor(work: Work, events: WorkEvents, parts: AttemptParts) {
    this.#work = work;
    this.#events = events;
    this.#parts = parts;
  }

  /** A worker has it. */
  get isBegun(): boolean {
    return this.#taker !== null;
  }

  handle(): LaneRun {
    return {
      ended: this.ended,
      begun: this.#begun.promise,
      cancel: (reason) => {
        if (this.#reason !== null) return;
        this.#reason = reason;
        if (this.#taker) void this.#order({ type: "cancel", reason });
        else this.#withdraw();
      },
      pause: (request) => {
        this.#pauseRequest = request;
        void this.#order({ type: "pause", request });
      },
      resume: () => {
        this.#pauseRequest = null;
        void this.#order({ type: "resume" });
      },
      kill: () => {
        if (this.#taker) void this.#order({ type: "kill" });
        else this.#withdraw();
      },
    };
  }

  hear({ number, message }: Letter<Report>): void {
    if (this.#isOver || !this.#parts.letters.isNew(number)) return;
    switch (message.type) {
      case "taken":
        this.#begin(message);
        break;
      case "ended":
        this.#end(message.isShutDown ? this.#shutDown(message.ending) : message.ending);
        break;
      case "content":
        this.#keep(message);
        break;
      default:
        hear(message, this.#events, (saved) => void this.#order(saved));
    }
  }

  /** Called from time to time: an owner who has forgotten to start a worker reads of it in the task's log. */
  stillThere(): void {
    if (this.isBegun || this.#isOver || ++this.#looks !== 2) return;
    this.#log("info", "No worker of the fleet has taken it yet: `armature worker` starts one.");
  }

  /** Nobody holds the job any more: the worker has ended its process, or is gone itself. */
  lost(reason: string): void {
    this.#fail(new RuntimeError("WORKER_LOST", { worker: this.#taker?.name ?? "nobody", reason }));
  }

  fail(error: unknown): void {
    if (error instanceof RuntimeError) this.#fail(error);
    else this.#fail(new RuntimeError("FLEET_FAILED", { problem: sentenceOf(error) }));
  }

  #begin({ worker, name, code }: Extract<Report, { type: "taken" }>): void {
    const { source, name: task } = this.#work.type;
    this.#taker = { inbox: worker, name };
    if ("hash" in code && code.hash === source.hash) {
      void this.#start();
      return;
    }
    void this.#order({ type: "kill" });
    const found = "hash" in code ? code.hash : code.missing;
    const details = { task, worker: name, expected: source.hash, found, source: source.file };
    this.#fail(new RuntimeError("FLEET_CODE_DIFFERS", details));
  }

  async #start(): Promise<void> {
    const isTold = this.#order(startOf(this.#work));
    if (this.#pauseRequest !== null) void this.#order({ type: "pause", request: this.#pauseRequest });
    if (await isTold) this.#begun.resolve();
    else this.#taker = null; // it cannot hear us, and drops what it cannot begin
    if (!this.#taker && this.#reason !== null) this.#withdraw();
  }

  #keep(content: Extract<Report, { type: "content" }>): void {
    try {
      receiveContent(this.#parts.dataDirectory, this.#work.taskId, content);
    } catch (error) {
      const message = `The file ${content.file} could not be kept: ${sentenceOf(error)}`;
      this.#log("error", message);
    }
  }

  #log(level: LogEntry["level"], message: string): void {
    this.#events.log({ level, time: isoTime(this.#parts.clock.now()), message, fields: null });
  }

  /** Resolves with false where the worker does not hear it; whether it is still there is seen by its lock. */
  async #order(order: Order): Promise<boolean> {
    if (!this.#taker || this.#isOver) return false;
    return this.#parts.letters.send(this.#taker.inbox, order).catch(() => false);
  }

  #withdraw(): void {
    if (this.#isOver) return;
    this.#end({ how: "withdrawn" });
    this.#parts.onWithdrawn();
  }

  /** Not the task's doing: what has not come to its end goes on elsewhere. */
  #shutDown(ending: Ending): Ending {
    if (ending.how === "returned" && !ending.sawCancel) return ending;
    if (ending.how === "threw" && !ending.cancelled) return ending;
    if (ending.how === "returned") this.#events.partialResult(ending.result);
    const failure = toFailure(new RuntimeError("WORKER_SHUT_DOWN", { worker: this.#taker?.name ?? "" }));
    return { how: "threw", failure, cancelled: true, steering: rightAway };
  }

  #fail(error: RuntimeError): void {
    this.#end({ how: "threw", failure: toFailure(error), cancelled: false });
  }

  #end(ending: Ending): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ended.resolve(ending);
  }
}

const startOf = (work: Work): FleetStart => ({
  type: "start",
  taskId: work.taskId,
  attempt: work.attempt,
  parameters: work.parameters,
  resumedFrom: work.resumedFrom,
  userContext: work.userContext ?? null,
  dependencies: work.dependencies,
  claims: work.claims,
  limits: work.limits,
});
