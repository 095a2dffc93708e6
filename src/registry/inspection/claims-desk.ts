// Asks the `uses` of a task type what it claims, where that is a function in a file that only processes of their own
// import: one process for each file, which stays for a while, because questions seldom come alone.
import type { Clock, Timer } from "../../lib/clock.ts";
import type { Claims } from "../../task/policy.ts";
import { InspectorProcess } from "./inspector-process.ts";
import type { InspectionLimits } from "./misfortune.ts";
import type { ClaimsQuestion } from "./protocol.ts";

interface Booth {
  readonly process: InspectorProcess;
  /** One question after the other. */
  turn: Promise<unknown>;
  leaves: Timer | null;
}

/** How long a process waits for the next question, in milliseconds. */
const idleMs = 10_000;

export class ClaimsDesk {
  readonly #limits: () => InspectionLimits;
  readonly #clock: Clock;
  /** By the URL of the file. */
  readonly #booths = new Map<string, Booth>();
  readonly #leaving = new Set<Promise<void>>();
  #isClosed = false;

  constructor(limits: () => InspectionLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** @throws what the author's function throws, and what became of the process it ran in */
  claims(question: ClaimsQuestion): Promise<Claims> {
    const booth = this.#boothFor(question.module.url);
    booth.leaves?.cancel();
    const claims = booth.turn.then(() => this.#ask(booth, question));
    booth.turn = claims.catch(() => undefined);
    return claims;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const url of this.#booths.keys()) this.#leave(url);
    await Promise.all(this.#leaving);
  }

  async #ask(booth: Booth, question: ClaimsQuestion): Promise<Claims> {
    const answer = await booth.process.obey({ to: "tell claims", ...question });
    const { url } = question.module;
    if (answer.is === "lost") {
      if (this.#booths.get(url) === booth) this.#leave(url);
      throw new Error(answer.problem.reason);
    }
    booth.leaves = this.#clock.after(idleMs, () => this.#leave(url));
    const { said } = answer;
    if (said.type === "claims") return said.claims;
    throw new Error(
      said.type === "threw" ? said.message : `the answer to a question for claims is ${said.type}`,
    );
  }

  #boothFor(url: string): Booth {
    let booth = this.#booths.get(url);
    if (booth === undefined) {
      if (this.#isClosed) throw new Error("the registry is closed");
      const process = new InspectorProcess(this.#limits(), this.#clock);
      booth = { process, turn: Promise.resolve(), leaves: null };
      this.#booths.set(url, booth);
    }
    return booth;
  }

  #leave(url: string): void {
    const booth = this.#booths.get(url);
    if (!booth) return;
    this.#booths.delete(url);
    booth.leaves?.cancel();
    const gone = booth.process.end().then(() => void this.#leaving.delete(gone));
    this.#leaving.add(gone);
  }
}
