// One attempt under way: the ladder of a cancel, the numbers of the pauses, the clock of the timeout.
// It knows the lane's run and the time; it knows nothing of records or disks.
import type { Clock, Timer } from "../../lib/clock.ts";
import type { CancelReason } from "../../task/steering.ts";
import type { Ending, Lane, Work, WorkEvents, WorkType } from "../ports.ts";

export interface AttemptOptions {
  readonly clock: Clock;
  readonly lane: Lane;
  readonly work: Work;
  readonly graceSeconds: number;
  /** Running time allowed, or null. */
  readonly timeoutSeconds: number | null;
}

export interface AttemptHooks {
  /** The task stands at a checkpoint, for the latest request to pause. */
  onPaused(): void;
  /** It stands at the end of the step after which it was to stop, and is told so. */
  onStepOver(): void;
  onTimeout(): void;
  /** It was told to stop, for whatever reason. */
  onTold(): void;
  /** It ignored its cancel and this lane cannot end it. */
  onStuck(): void;
  /** The work has really ended. */
  onEnded(ending: Ending): void;
}

/** How long a lane may take to end what it was told to end: native code does not let go at once. */
const longestKillMs = 5000;

export class Attempt {
  /** ISO; since when it has ignored its cancel, or null. */
  stuckSince: string | null = null;
  /** ISO; since when nothing is heard of it, or null while that is not too long. */
  silentSince: string | null = null;
  readonly timeoutSeconds: number | null;
  readonly #options: AttemptOptions;
  readonly #hooks: AttemptHooks;
  readonly #run: ReturnType<Lane["start"]>;
  #reason: CancelReason | null = null;
  #isUnwanted = false;
  #pauseRequest = 0;
  #isAskedToPause = false;
  #stopsAfterStep = false;
  #standing = false;
  #waitsForAnswer = false;
  #hasBegun: boolean;
  #over = false;
  #timeout: Timer | null = null;
  #grace: Timer | null = null;
  #ran = 0;
  #runningSince: number;

  constructor(options: AttemptOptions, hooks: AttemptHooks & WorkEvents) {
    this.#options = options;
    this.#hooks = hooks;
    this.timeoutSeconds = options.timeoutSeconds;
    this.#runningSince = options.clock.monotonic();
    this.#run = options.lane.start(options.work, hooks);
    const { begun } = this.#run;
    this.#hasBegun = begun === undefined;
    if (begun) void begun.then(() => this.#begin());
    else this.#armTimeout();
    void this.#run.ended.then((ending) => {
      this.#over = true;
      this.#timeout?.cancel();
      this.#grace?.cancel();
      hooks.onEnded(ending);
    });
  }

  /** The first reason given to stop. */
  get reason(): CancelReason | null {
    return this.#reason;
  }

  /** Running time so far; standing at a pause does not count. */
  get elapsedSeconds(): number {
    const now = this.#isRunning ? this.#options.clock.monotonic() - this.#runningSince : 0;
    return (this.#ran + now) / 1000;
  }

  /** Somebody has begun with it: it may still wait for a worker of the fleet. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** It stands at a checkpoint because it was asked to pause. */
  get isStanding(): boolean {
    return this.#standing;
  }

  /** The code that runs. */
  get type(): WorkType {
    return this.#options.work.type;
  }

  /** Somebody cancelled it, whatever it was told to stop for before that: there is no next attempt. */
  get isUnwanted(): boolean {
    return this.#isUnwanted;
  }

  /** First step of the ladder now, the next after the grace. */
  cancel(reason: CancelReason): void {
    if (reason === "user" || reason === "dependency") this.#isUnwanted = true;
    if (this.#reason !== null || this.#over) return;
    this.#reason = reason;
    this.#timeout?.cancel();
    this.#run.cancel(reason);
    this.#hooks.onTold();
    this.#grace = this.#options.clock.after(this.#options.graceSeconds * 1000, () => {
      if (!this.#run.kill) return this.#hooks.onStuck();
      this.#run.kill();
      this.#grace = this.#options.clock.after(longestKillMs, () => this.#hooks.onStuck());
    });
  }

  /** Somebody wants it to pause, and it has not come to a checkpoint yet. */
  get isAskedToPause(): boolean {
    return this.#isAskedToPause && !this.#standing;
  }

  /** It goes on to its next checkpoint, and is cancelled there. */
  get stopsAfterStep(): boolean {
    return this.#stopsAfterStep;
  }

  stopAfterStep(): void {
    if (this.#reason !== null || this.#stopsAfterStep) return;
    this.#stopsAfterStep = true;
    this.#isUnwanted = true;
    if (this.#standing || this.#waitsForAnswer) this.#stepOver();
    else this.pause();
  }

  pause(): void {
    if (this.#reason !== null) return;
    this.#isAskedToPause = true;
    this.#run.pause(++this.#pauseRequest);
  }

  resume(): void {
    this.#pauseRequest++;
    this.#isAskedToPause = false;
    if (this.#stopsAfterStep) {
      this.#stopsAfterStep = false;
      this.#isUnwanted = false;
    }
    if (this.#standing) {
      this.#standing = false;
      this.#startClock();
    }
    this.#run.resume();
  }

  /** It has asked the operator something: until the answer comes its running time stands still. */
  waitForAnswer(): void {
    if (!this.#standing) this.#stopClock();
    this.#waitsForAnswer = true;
    if (this.#stopsAfterStep) this.#stepOver();
  }

  answered(): void {
    if (!this.#waitsForAnswer) return;
    this.#waitsForAnswer = false;
    if (!this.#standing) this.#startClock();
  }

  /** The task says that it stands, because of the request with this number; late answers do not count. */
  paused(request: number): void {
    // Each of its branches that comes by tells it.
    if (request !== this.#pauseRequest || this.#reason !== null || this.#standing) return;
    if (!this.#waitsForAnswer) this.#stopClock();
    this.#standing = true;
    if (this.#stopsAfterStep) this.#stepOver();
    else this.#hooks.onPaused();
  }

  #stepOver(): void {
    this.cancel("user");
    this.#hooks.onStepOver();
  }

  get #isRunning(): boolean {
    return this.#hasBegun && !this.#standing && !this.#waitsForAnswer;
  }

  #begin(): void {
    this.#hasBegun = true;
    this.#startClock();
  }

  #stopClock(): void {
    this.#ran += this.#options.clock.monotonic() - this.#runningSince;
    this.#timeout?.cancel();
  }

  #startClock(): void {
    if (this.#over || !this.#isRunning) return;
    this.#runningSince = this.#options.clock.monotonic();
    this.#armTimeout();
  }

  #armTimeout(): void {
    if (this.timeoutSeconds === null || this.#reason !== null) return;
    const left = this.timeoutSeconds - this.elapsedSeconds;
    this.#timeout = this.#options.clock.after(Math.max(0, left) * 1000, () => this.#hooks.onTimeout());
  }
}
