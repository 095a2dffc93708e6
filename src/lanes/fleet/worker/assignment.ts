// One job in a worker, from the moment it is taken to the moment its process is gone: asks the runtime for its start,
// has the isolated lane execute it, and ends it when nobody may want it any more.
import type { Job } from "bullmq";
import type { LaneRun, TaskType, Work, WorkEvents } from "../../../engine/ports.ts";
import type { Clock } from "../../../lib/clock.ts";
import { deferred } from "../../../lib/deferred.ts";
import type { Logger } from "../../../lib/logger.ts";
import type { Correspondence } from "../inbox.ts";
import type { FleetStart, JobData, Letter, Order, Report } from "../messages.ts";
import { Lease, longestSilence } from "./lease.ts";
import { Relay } from "./relay.ts";

/** Ends a task by itself where this process is held up for longer. */
export interface WatchedLane {
  start(work: Work, events: WorkEvents, longestSilenceMs: number): LaneRun;
}

export interface AssignmentParts {
  readonly job: Job<JobData>;
  readonly letters: Correspondence;
  /** Resolves with why there is no right to the job any more, or null. */
  readonly renew: () => Promise<string | null>;
  /** The worker's inbox, and its name for people. */
  readonly worker: { readonly inbox: string; readonly name: string };
  /** Or why it has none of this name. */
  readonly type: TaskType | { readonly missing: string };
  readonly lane: WatchedLane;
  readonly clock: Clock;
  readonly log: Logger;
  readonly dataDirectory: string;
  /** How long the task may clean up when the worker goes away. */
  readonly graceMs: number;
}

export class Assignment {
  readonly #parts: AssignmentParts;
  readonly #relay: Relay;
  /** Null where it will not begin any more. */
  readonly #begun = deferred<LaneRun | null>();
  #run: LaneRun | null = null;
  #isDropped = false;
  #isLost = false;
  #isCancelled = false;
  #isShutDown = false;

  constructor(parts: AssignmentParts) {
    const { clock, dataDirectory, job } = parts;
    this.#parts = parts;
    const send = (report: Report): Promise<boolean> => this.#send(report);
    this.#relay = new Relay({ clock, taskId: job.data.task_id, dataDirectory, send });
  }

  hear({ number, message }: Letter<Order>): void {
    if (!this.#parts.letters.isNew(number)) return;
    switch (message.type) {
      case "start":
        this.#begin(message);
        break;
      case "saved":
        this.#relay.saved(message);
        break;
      case "cancel":
        this.#isCancelled = true;
        this.#run?.cancel(message.reason);
        break;
      case "pause":
        this.#run?.pause(message.request);
        break;
      case "resume":
        this.#run?.resume();
        break;
      case "kill":
        this.#kill();
    }
  }

  /** The worker goes away: the task is told, and after the grace its process is ended. */
  shutDown(): void {
    this.#drop();
    if (!this.#run) return;
    if (!this.#isCancelled) this.#isShutDown = true;
    this.#run.cancel("shutdown");
    this.#parts.clock.after(this.#parts.graceMs, () => this.#run?.kill?.());
  }

  /** Resolves when its process is gone and the runtime has been told. */
  async carryOut(): Promise<void> {
    const { job, type, worker, renew, clock } = this.#parts;
    const leaseMs = job.data.lease_ms;
    const lease = new Lease({ clock, leaseMs, renew, onLost: (why) => this.#lose(why) });
    // A start that does not come got lost on its way: whoever wants the task offers it again.
    const late = clock.after(leaseMs, () => this.#drop());
    try {
      await job.updateData({ ...job.data, worker: worker.inbox });
      const code = "missing" in type ? type : { hash: type.source.hash };
      const isHeard = await this.#send({ type: "taken", worker: worker.inbox, name: worker.name, code });
      const run = isHeard ? await this.#begun.promise : null;
      if (run === null) return;
      const ending = await run.ended;
      if (!this.#isLost) await this.#send({ type: "ended", ending, isShutDown: this.#isShutDown });
    } finally {
      late.cancel();
      lease.close();
    }
  }

  /** At once, so that an order that comes right behind finds what it is for. */
  #begin(start: FleetStart): void {
    const { type, lane, job } = this.#parts;
    if (this.#isDropped || this.#run || "missing" in type) return;
    const { type: _, ...given } = start;
    const work: Work = { ...given, resumedFrom: start.resumedFrom, type };
    this.#run = lane.start(work, this.#relay, job.data.lease_ms * longestSilence);
    this.#begun.resolve(this.#run);
  }

  #drop(): void {
    if (this.#run) return;
    this.#isDropped = true;
    this.#begun.resolve(null);
  }

  #kill(): void {
    this.#drop();
    this.#run?.kill?.();
  }

  #lose(why: string): void {
    const { log, job } = this.#parts;
    log.warn({ task_id: job.data.task_id, task: job.data.task, why }, "a job was lost: its process is ended");
    this.#isLost = true;
    this.#kill();
  }

  /** Resolves with false where the runtime is gone; the lease sees that as well. */
  #send(report: Report): Promise<boolean> {
    return this.#parts.letters.send(this.#parts.job.data.inbox, report).catch(() => false);
  }
}
