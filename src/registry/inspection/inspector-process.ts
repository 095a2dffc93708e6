// One process that inspects task files, seen from the runtime: takes one order at a time and says what came of it.
import { sentenceOf } from "../../errors/runtime-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { deferred } from "../../lib/deferred.ts";
import { type Child, type ChildEnd, startChild } from "../../lib/processes/child.ts";
import { withoutSecrets } from "../../lib/processes/environment.ts";
import type { Problem } from "../plugin.ts";
import { type GivenUp, type InspectionLimits, notStarted, problemOf, type Spot } from "./misfortune.ts";
import { heard, type Order, type Said } from "./protocol.ts";

/** An answer, or what became of the process instead. */
export type Answer =
  | { readonly is: "given"; readonly said: Said }
  | { readonly is: "lost"; readonly problem: Problem };

/** A process that has not been heard of for so long is busy, in milliseconds. */
const silenceMs = 1000;
/** How long a busy one is asked where it is. */
const testimonyMs = 1000;
/** The place of the number that asks; see witness.mjs. */
const asked = 0;
/** How long it may take to come up before the first order; a small machine under load takes seconds. */
const startMs = 60_000;

export class InspectorProcess {
  /** Resolves when it waits for orders, or has ended before. */
  readonly isUp: Promise<void>;
  readonly #limits: InspectionLimits;
  readonly #clock: Clock;
  readonly #ready = deferred();
  /** Resolves when it and all it started are gone; a text says why it could not be started. */
  readonly #ended: Promise<ChildEnd | string>;
  #child: Child | null = null;
  #isOver = false;
  #onSaid: ((said: Said) => void) | null = null;
  #lastHeard: number;
  readonly #testimony = deferred<Spot | null>();
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
    const timeIsOver = this.#clock.after(this.#limits.timeoutSeconds * 1000, () => void this.#timeIsOver());
    const answer = await Promise.race([
      promise.then((said) => ({ is: "given", said }) as const),
      this.#ended.then((end) => ({ is: "lost", problem: this.#problemOf(end, order) }) as const),
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

  async #run(): Promise<ChildEnd | string> {
    const { memoryMb } = this.#limits;
    try {
      this.#child = await startChild({
        entry: new URL("./entry.mjs", import.meta.url),
        heapMb: memoryMb,
        env: withoutSecrets(process.env),
        onMessage: (message) => this.#hear(message),
        onLine: (line) => this.#readTestimony(line),
      });
    } catch (error) {
      return sentenceOf(error);
    }
    if (this.#isOver) this.#child.kill();
    this.#child.limit({ memoryMb, cpuSeconds: null });
    return this.#child.ended;
  }

  async #timeIsOver(): Promise<void> {
    const isAlive = this.#clock.monotonic() - this.#lastHeard < silenceMs;
    this.#giveUp({ why: "time", isAlive, at: isAlive ? null : await this.#whereItIs() });
  }

  async #whereItIs(): Promise<Spot | null> {
    this.#child?.setNumber(asked, 1);
    const tooLate = this.#clock.after(testimonyMs, () => this.#testimony.resolve(null));
    const spot = await Promise.race([this.#testimony.promise, this.#ended.then(() => null)]);
    tooLate.cancel();
    return spot;
  }

  /** See witness.mjs. A file that writes such a line itself deceives nobody but its author. */
  #readTestimony(written: string): void {
    const [, line, path] = /^witness: (\d+|null) (\/.*)$/.exec(written) ?? [];
    if (path !== undefined) this.#testimony.resolve({ path, line: line === "null" ? null : Number(line) });
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

  #problemOf(end: ChildEnd | string, order: Order): Problem {
    if (typeof end === "string") return notStarted(end);
    const path = order.to === "inspect" ? order.path : "";
    return problemOf(end, this.#givenUp, this.#limits, path);
  }
}
