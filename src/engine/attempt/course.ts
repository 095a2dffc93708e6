// The course of one attempt: what it says while it runs, and what of that becomes part of the record or an event.
import { RuntimeError } from "../../errors/runtime-error.ts";
import { type Clock, isoTime } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { DependencyOutcome } from "../../task/dependencies.ts";
import type { Progress, ProgressUpdate } from "../../task/progress.ts";
import type { WrittenFile } from "../../task/record.ts";
import type { Entry } from "../board/entry.ts";
import type { Changes } from "../changes.ts";
import type { Call, Ending, FileHashes, Lane, Limits, LogEntry, TaskType, WorkEvents } from "../ports.ts";
import { claimsHeld } from "../queue/claims.ts";
import { Attempt, type AttemptHooks } from "./attempt.ts";
import { Checkpoints } from "./checkpoints.ts";
import type { TaskLogs } from "./logs.ts";
import { markArtifact, markCancelling, markPaused, markProgress } from "./marks.ts";
import { type ProgressHooks, ProgressReporter } from "./progress-reporter.ts";
import { Pulse } from "./pulse.ts";

export interface CourseDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits: () => Limits;
  readonly changes: Changes;
  /** Remembers what is not yet written, and logs what fails. */
  readonly track: (work: Promise<void>) => void;
  readonly isClosing: () => boolean;
  /** The work has ended, or nobody waits for it any more. Never throws. */
  readonly ended: (course: Course, ending: Ending) => void;
  /** How long tasks of this type took lately, or null. */
  readonly expectedSeconds: (task: string) => number | null;
  readonly hashes: FileHashes;
  readonly logs: TaskLogs;
  /** What a running task asks of the runtime. */
  readonly answer: (entry: Entry, call: Call) => Promise<unknown>;
  /** The attempt has ended: nobody waits for answers any more. */
  readonly forgetCalls: (entry: Entry) => void;
}

/** What is executed, where, and from which checkpoint on. */
export interface Plan {
  readonly type: TaskType;
  readonly lane: Lane;
  readonly resumedFrom: unknown;
  readonly dependencies: readonly DependencyOutcome[];
}

export class Course implements WorkEvents, AttemptHooks, ProgressHooks {
  readonly attempt: Attempt;
  readonly pulse: Pulse;
  readonly #entry: Entry;
  readonly #deps: CourseDeps;
  readonly #reporter: ProgressReporter;
  readonly #type: TaskType;
  /** Made for the first one. */
  #checkpoints: Checkpoints | null = null;
  readonly #begunAt: number;
  /** What it says after its end belongs to nobody. */
  #isOver = false;
  #hasEnded = false;

  /** @throws what the lane throws when it cannot take the work */
  constructor(entry: Entry, { type, lane, resumedFrom, dependencies }: Plan, deps: CourseDeps) {
    const { clock, limits } = deps;
    const { record, memo } = entry.stored;
    this.#entry = entry;
    this.#deps = deps;
    this.#begunAt = clock.monotonic();
    this.#type = type;
    this.pulse = new Pulse(entry, deps);
    this.#reporter = new ProgressReporter(clock, record.progress, this);
    entry.begin();
    entry.progress = this.#reporter;
    const { attempt, parameters, user_context: userContext } = record;
    this.attempt = new Attempt(
      {
        clock,
        lane,
        work: {
          taskId: entry.id,
          attempt,
          type,
          parameters,
          resumedFrom,
          userContext,
          dependencies,
          claims: claimsHeld(type.policy, memo.claims),
          limits: memo.wishes?.limits ?? type.policy.limits,
        },
        graceSeconds: type.policy.cancelGraceSeconds ?? limits().cancelGraceSeconds,
        timeoutSeconds: memo.timeout_seconds,
      },
      this,
    );
    entry.attempt = this.attempt;
  }

  /** Nothing it says counts from here on. */
  close(): void {
    this.#isOver = true;
    this.#deps.forgetCalls(this.#entry);
  }

  /** At a shutdown nobody waits longer for what ignored its cancel: the process ends, and the task with it. */
  abandonIfStuck(): void {
    if (this.attempt.stuckSince !== null) this.onEnded({ how: "killed" });
  }

  get entry(): Entry {
    return this.#entry;
  }

  progress(update: ProgressUpdate): void {
    if (this.#isOver) return;
    this.#alive();
    if (update.checkpoint !== undefined) this.#deps.track(this.#save(update.checkpoint));
    this.#reporter.report(update);
  }

  async checkpoint(state: unknown): Promise<void> {
    this.#alive();
    if (this.#isOver) throw new Error("The task has ended: it has nothing to continue.");
    // Once it is to stop, nothing waits for the disk any more: the machine has to come home.
    await Promise.race([this.#save(state), this.#entry.toldToStop]);
  }

  paused(request: number): void {
    this.#alive();
    this.attempt.paused(request);
  }

  partialResult(value: unknown): void {
    this.#alive();
    if (!this.#isOver) this.#entry.partialResult = value;
  }

  log(line: LogEntry): void {
    this.#alive();
    this.#deps.logs.say(this.#entry, line);
  }

  artifact(artifact: WrittenFile): void {
    this.#alive();
    if (!this.#isOver) this.#deps.track(markArtifact(this.#entry, artifact, this.#deps));
  }

  async call(call: Call): Promise<unknown> {
    if (this.#isOver) throw new RuntimeError("CALL_ABANDONED", { call: call.to });
    this.#alive();
    this.pulse.asks();
    try {
      return await this.#deps.answer(this.#entry, call);
    } finally {
      this.pulse.answered();
      this.#alive();
    }
  }

  elapsedSeconds(): number {
    // While the lane takes the work there is no attempt to ask.
    return this.#entry.attempt?.elapsedSeconds ?? (this.#deps.clock.monotonic() - this.#begunAt) / 1000;
  }

  expectedSeconds(): number | null {
    return this.#deps.expectedSeconds(this.#entry.stored.record.task);
  }

  emit(progress: Progress): void {
    this.#deps.changes.tell(this.#entry, { type: "task_progress", progress });
  }

  /** Nobody waits for this write, and one that is refused is simply followed by the next. */
  persist(): void {
    markProgress(this.#entry, this.#deps.changes).catch((error) =>
      this.#deps.log.debug({ err: error, task: this.#entry.id }, "progress was not written"),
    );
  }

  onPaused(): void {
    this.#deps.track(markPaused(this.#entry, this.#deps.changes));
  }

  onTold(): void {
    if (!this.#isOver) this.pulse.heard();
    this.#entry.tellToStop();
  }

  onStepOver(): void {
    this.#deps.track(markCancelling(this.#entry, "user", this.#deps.changes));
  }

  onTimeout(): void {
    this.attempt.cancel("timeout");
    this.#deps.track(markCancelling(this.#entry, "timeout", this.#deps.changes));
  }

  onStuck(): void {
    const since = isoTime(this.#deps.clock.now());
    this.attempt.stuckSince = since;
    this.#deps.changes.tell(this.#entry, { type: "task_stuck", since });
    if (this.#deps.isClosing()) this.abandonIfStuck();
  }

  onEnded(ending: Ending): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#deps.ended(this, ending);
  }

  #save(state: unknown): Promise<void> {
    this.#checkpoints ??= new Checkpoints(this.#entry, this.#type.source.hash, this.#deps.changes);
    return this.#checkpoints.save(state);
  }

  #alive(): void {
    if (!this.#isOver) this.pulse.beat();
  }
}
