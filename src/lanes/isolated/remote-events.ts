// Whoever listens to an attempt, as a lane inside a child sees them: everything goes over the line.
import { setTimeout as delay } from "node:timers/promises";
import type { Call, LogEntry, WorkEvents } from "../../engine/ports.ts";
import type { ProgressUpdate } from "../../task/progress.ts";
import type { WrittenFile } from "../../task/record.ts";
import type { Saved } from "../protocol.ts";
import { Saves } from "../saves.ts";
import { receivedError } from "../sent-failure.ts";
import { Outbox } from "../worker/outbox.ts";
import type { ChildLine } from "./line.ts";

/** Progress that waited so long goes out without anything new, in milliseconds. */
const longestWaitMs = 16;

export class RemoteEvents implements WorkEvents {
  readonly #line: ChildLine;
  readonly #outbox: Outbox;
  readonly #saves = new Saves();
  #isFlushing = false;

  constructor(line: ChildLine) {
    this.#line = line;
    this.#outbox = new Outbox(line);
  }

  progress(update: ProgressUpdate): void {
    if (this.#outbox.progress(update) && !this.#isFlushing) void this.#flushSoon();
  }

  checkpoint(state: unknown): Promise<void> {
    const { number, saved } = this.#saves.open();
    this.#outbox.send({ type: "checkpoint", number, state });
    return saved.promise;
  }

  saved(answer: Saved): void {
    this.#saves.answered(answer);
  }

  paused(request: number): void {
    this.#outbox.send({ type: "paused", request });
  }

  partialResult(value: unknown): void {
    this.#outbox.send({ type: "partial", value });
  }

  log(entry: LogEntry): void {
    this.#outbox.send({ type: "log", entry });
  }

  artifact(artifact: WrittenFile): void {
    this.#outbox.send({ type: "artifact", artifact });
  }

  async call(call: Call): Promise<unknown> {
    this.#outbox.flush();
    const outcome = await this.#line.ask({ type: "call", call });
    if (!outcome.ok) throw receivedError(outcome.failure);
    return "value" in outcome ? outcome.value : null;
  }

  flush(): void {
    this.#outbox.flush();
  }

  async #flushSoon(): Promise<void> {
    this.#isFlushing = true;
    await delay(longestWaitMs, undefined, { ref: false });
    this.#isFlushing = false;
    this.#outbox.flush();
  }
}
