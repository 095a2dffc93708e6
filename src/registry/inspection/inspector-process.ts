// One process that inspects task files, seen from the runtime: takes one order at a time and says what came of it.
import { sentenceOf } from "../../errors/runtime-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { deferred } from "../../lib/deferred.ts";
import { type Child, startChild } from "../../lib/processes/child.ts";
import type { Problem } from "../plugin.ts";
import { type GivenUp, type InspectionLimits, notStarted, problemOf } from "./misfortune.ts";
import { heard, type Order, type Said } from "./protocol.ts";

/** An answer, or what became of the process instead. */
export type Answer =
  | { readonly is: "given"; readonly said: Said }
  | { readonly is: "lost"; readonly problem: Problem };

/** A process that has not been heard of for so long is busy, in milliseconds. */
const silenceMs = 1000;
/** How long it may take to come up before the first order; a small machine under load takes seconds. */
const startMs = 60_000;

export class InspectorProcess {
  /** Resolves when it waits for orders, or has ended before. */
  readonly isUp: Promise<void>;
  readonly #limits: InspectionLimits;
  readonly #clock: Clock;
  readonly #ready = deferred();
  /** Resolves when it and all it started are gone, with what a file that was inspected then is told. */
  readonly #ended: Promise<Problem>;
  #child: Child | null = null;
  #isOver = false;
  #onSaid: ((said: Said) => void) | null = null;
  #lastHeard: number;
  #givenUp: GivenUp | null = null;

  constructor(limits: InspectionLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#lastHeard = clock.monotonic();
    this.#ended = this.#run();
    const tooLate = clock.after(startMs, () => this.#giveUp({ why: "start" }));
    this.isUp = Promise.race([this.#ready.promise, this.#ended]).then(() => tooLate.cancel());
  }

  /** Never rejects. After a lost answer the process is gone. */
  async obey(order: Order): Promise<Answer> {
    await this.isUp;
    const { promise, resolve } = deferred<Said>();
    this.#onSaid = resolve;
    this.#child?.send(order);
    const timeIsOver = this.#clock.after(this.#limits.timeoutSeconds * 1000, () =>
      this.#giveUp({ why: "time", isAlive: this.#clock.monotonic() - this.#lastHeard < silenceMs }),
    );
    const answer = await Promise.race([
      promise.then((said) => ({ is: "given", said }) as const),
      this.#ended.then((problem) => ({ is: "lost", problem }) as const),
    ]);
    timeIsOver.cancel();
    return answer;
  }

  /** Ends it with all it started; resolves when they are gone. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#child?.kill();
    await this.#ended;
  }

  async #run(): Promise<Problem> {
    const { memoryMb } = this.#limits;
    try {
      this.#child = await startChild({
        entry: new URL("./entry.mjs", import.meta.url),
        heapMb: memoryMb,
        onMessage: (message) => this.#hear(message),
      });
    } catch (error) {
      return notStarted(sentenceOf(error));
    }
    if (this.#isOver) this.#child.kill();
    this.#child.limit({ memoryMb, cpuSeconds: null });
    return problemOf(await this.#child.ended, this.#givenUp, this.#limits);
  }

  #hear(message: unknown): void {
    this.#lastHeard = this.#clock.monotonic();
    try {
      const said = heard(message);
      if (said.type === "ready") this.#ready.resolve();
      else if (said.type !== "alive") this.#onSaid?.(said);
    } catch (error) {
      this.#giveUp({ why: "unreadable", message: sentenceOf(error) });
    }
  }

  #giveUp(reason: GivenUp): void {
    this.#givenUp ??= reason;
    this.#child?.kill();
  }
}
