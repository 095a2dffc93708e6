// Whether anything is heard of a running task: it counts the signs of life, and tells when there were none for too long and
// when it is heard again.
import { type Clock, isoTime } from "../../lib/clock.ts";
import type { Entry } from "../board/entry.ts";
import type { Changes } from "../changes.ts";
import type { Watched } from "./watch.ts";

export interface PulseDeps {
  readonly clock: Clock;
  readonly changes: Changes;
}

export class Pulse implements Watched {
  signs = 0;
  readonly #entry: Entry;
  readonly #deps: PulseDeps;
  /** What it has asked and waits for. */
  #openCalls = 0;

  constructor(entry: Entry, deps: PulseDeps) {
    this.#entry = entry;
    this.#deps = deps;
  }

  /** It says something. */
  beat(): void {
    this.signs++;
    this.heard();
  }

  /** It says something again, or was told to stop: from then on its cancel is watched. */
  heard(): void {
    // While the lane takes the work there is no attempt yet.
    const { attempt } = this.#entry;
    const since = attempt?.silentSince ?? null;
    if (!attempt || since === null) return;
    attempt.silentSince = null;
    const silent_seconds = (this.#deps.clock.now() - Date.parse(since)) / 1000;
    this.#deps.changes.tell(this.#entry, { type: "task_heard", silent_seconds });
  }

  /** It asks the runtime something, and waits until `answered`. */
  asks(): void {
    this.#openCalls++;
  }

  answered(): void {
    this.#openCalls--;
  }

  get isQuietByRight(): boolean {
    const { attempt } = this.#entry;
    if (!attempt || this.#openCalls > 0) return true;
    return !attempt.hasBegun || attempt.isStanding || attempt.reason !== null;
  }

  silent(forMs: number): void {
    const { attempt } = this.#entry;
    if (!attempt || attempt.silentSince !== null) return;
    const since = isoTime(this.#deps.clock.now() - forMs);
    attempt.silentSince = since;
    this.#deps.changes.tell(this.#entry, { type: "task_silent", since });
  }
}
