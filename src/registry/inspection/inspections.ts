// Inspects task files in processes of their own: one file after the other in one process, for speed. A file that takes
// long or takes the process down is then inspected alone, so that none is blamed for what another one did.
import type { Clock } from "../../lib/clock.ts";
import { type Deferred, deferred } from "../../lib/deferred.ts";
import type { Description } from "../description.ts";
import { rejection, type TaskFile } from "../examine.ts";
import type { VerdictOn } from "../plugin.ts";
import { type Answer, InspectorProcess } from "./inspector-process.ts";
import type { InspectionLimits } from "./misfortune.ts";

export interface Inspection {
  readonly verdict: Promise<VerdictOn<Description>>;
  /** Resolves when there is a verdict, or none is to be expected soon. */
  readonly soon: Promise<void>;
  /** Nobody waits for the verdict any more; it may never come. */
  drop(): void;
}

interface Job {
  readonly file: TaskFile;
  readonly verdict: Deferred<VerdictOn<Description>>;
  readonly soon: Deferred<void>;
  isWanted: boolean;
  /** Where it is being inspected. */
  process: InspectorProcess | null;
}

/** A file that takes longer does not keep others waiting, in milliseconds. */
const slowMs = 1000;
/** Nor does anybody wait longer for one of many, in milliseconds. */
const longestWaitMs = 10_000;
/** So many that took long are inspected at the same time, each alone. */
const aloneAtOnce = 3;

export class Inspections {
  readonly #limits: () => InspectionLimits;
  readonly #clock: Clock;
  readonly #processes = new Set<InspectorProcess>();
  #waiting: Job[] = [];
  #suspects: Job[] = [];
  #isServing = false;
  #alone = 0;
  #isClosed = false;

  /** @param limits asked anew for each process */
  constructor(limits: () => InspectionLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  inspect(file: TaskFile): Inspection {
    const job: Job = { file, verdict: deferred(), soon: deferred(), isWanted: true, process: null };
    if (this.#isClosed) job.soon.resolve();
    else this.#waiting.push(job);
    const tooLong = this.#clock.after(longestWaitMs, () => job.soon.resolve());
    void job.soon.promise.then(() => tooLong.cancel());
    // Files that are handed in together share a process.
    queueMicrotask(() => this.#serve());
    return {
      verdict: job.verdict.promise,
      soon: job.soon.promise,
      drop: () => {
        job.isWanted = false;
        job.soon.resolve();
        if (job.process) void job.process.end();
      },
    };
  }

  /** Ends every process; what was not inspected never will be. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { soon } of [...this.#waiting, ...this.#suspects]) soon.resolve();
    this.#waiting = [];
    this.#suspects = [];
    await Promise.all([...this.#processes].map((one) => one.end()));
  }

  #serve(): void {
    this.#suspects = this.#suspects.filter(({ isWanted }) => isWanted);
    this.#waiting = this.#waiting.filter(({ isWanted }) => isWanted);
    for (const suspect of this.#suspects.splice(0, aloneAtOnce - this.#alone))
      void this.#inspectAlone(suspect);
    if (!this.#isServing && this.#waiting.length > 0) void this.#inspectTogether();
  }

  async #inspectTogether(): Promise<void> {
    this.#isServing = true;
    const process = this.#start();
    for (let isFirst = true, goesOn = true; goesOn; isFirst = false) {
      const job = this.#waiting.shift();
      goesOn = job !== undefined && (await this.#inspectAmongOthers(process, job, isFirst));
    }
    await this.#end(process);
    this.#isServing = false;
    this.#serve();
  }

  /** @returns whether the process can go on with the next file */
  async #inspectAmongOthers(process: InspectorProcess, job: Job, isFirst: boolean): Promise<boolean> {
    if (!job.isWanted) return true;
    await process.isUp;
    let isSlow = false;
    const slow = this.#clock.after(slowMs, () => {
      isSlow = true;
      void process.end();
    });
    const answer = await this.#ask(process, job, false);
    slow.cancel();
    const isCertain = answer.is === "given" || (isFirst && !isSlow);
    if (isCertain) this.#settle(job, answer);
    else this.#suspects.push(job);
    job.soon.resolve();
    return answer.is === "given";
  }

  async #inspectAlone(job: Job): Promise<void> {
    this.#alone++;
    const process = this.#start();
    this.#settle(job, await this.#ask(process, job, true));
    await this.#end(process);
    this.#alone--;
    this.#serve();
  }

  async #ask(process: InspectorProcess, job: Job, isSuspect: boolean): Promise<Answer> {
    job.process = process;
    const answer = await process.obey({ to: "inspect", isSuspect, ...job.file });
    job.process = null;
    return answer;
  }

  #settle(job: Job, answer: Answer): void {
    if (!this.#isClosed && job.isWanted) job.verdict.resolve(verdictOf(answer));
    job.soon.resolve();
  }

  #start(): InspectorProcess {
    const process = new InspectorProcess(this.#limits(), this.#clock);
    this.#processes.add(process);
    return process;
  }

  async #end(process: InspectorProcess): Promise<void> {
    await process.end();
    this.#processes.delete(process);
  }
}

function verdictOf(answer: Answer): VerdictOn<Description> {
  if (answer.is === "lost") return rejection(answer.problem);
  if (answer.said.type === "inspected") return answer.said.verdict;
  const reason = `what its inspection said cannot be read: it is ${answer.said.type}`;
  return rejection({ line: null, reason, remedy: "Importing a task file must only define classes." });
}
