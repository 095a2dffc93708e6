// Nothing is kept for ever: ended tasks go by count and by age, the first ended first; and when their owner wants it.
import type { Clock, Timer } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Status } from "../../task/lifecycle.ts";
import type { Limits } from "../ports.ts";
import type { Board } from "./board.ts";
import type { Entry } from "./entry.ts";

const lookEveryMs = 60_000;

export interface RetentionDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly board: Board;
  readonly limits: () => Limits;
  /** @returns how many were forgotten */
  readonly remove: (entries: readonly Entry[]) => Promise<number>;
}

export class Retention {
  readonly #deps: RetentionDeps;
  #timer: Timer | null = null;
  #under: Promise<void> | null = null;
  /** So many are over the limits because others depend on them. */
  #needed = 0;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
    this.#arm();
  }

  /** After an end: one line on the disk forgets many, so a hundredth more than allowed may stay for a while. */
  taskEnded(): void {
    const { maxFinishedTasks } = this.#deps.limits();
    const allowed = maxFinishedTasks + Math.floor(maxFinishedTasks / 100) + this.#needed;
    if (this.#deps.board.ended.size > allowed) this.#start();
  }

  /** Forgets what is over the limits now. */
  apply(): Promise<void> {
    this.#under ??= this.#apply().finally(() => {
      this.#under = null;
    });
    return this.#under;
  }

  /** Whatever the limits are: those that ended so long ago, and as one of these. Default: all. @returns how many went */
  async cleanup(options: { maxAgeSeconds?: number; status?: readonly Status[] }): Promise<number> {
    const { maxAgeSeconds = 0, status } = options;
    const latest = this.#deps.clock.now() - maxAgeSeconds * 1000;
    const old = [...this.#deps.board.ended].filter(
      (entry) =>
        endedAt(entry) <= latest && (status === undefined || status.includes(entry.stored.record.status)),
    );
    return this.#deps.remove(old);
  }

  close(): void {
    this.#timer?.cancel();
  }

  #start(): void {
    this.apply().catch((error) =>
      this.#deps.log.warn({ err: error }, "old tasks could not be forgotten yet"),
    );
  }

  #arm(): void {
    this.#timer = this.#deps.clock.after(lookEveryMs, () => {
      this.#start();
      this.#arm();
    });
  }

  async #apply(): Promise<void> {
    const { maxFinishedTasks, maxFinishedAgeHours } = this.#deps.limits();
    const { ended, dependants } = this.#deps.board;
    const oldest = this.#deps.clock.now() - maxFinishedAgeHours * 3_600_000;
    const over = ended.size - maxFinishedTasks;
    const old: Entry[] = [];
    this.#needed = 0;
    for (const entry of ended) {
      if (old.length >= over && endedAt(entry) >= oldest) break;
      if (dependants.isNeeded(entry.id)) this.#needed++;
      else old.push(entry);
    }
    if (old.length > 0) await this.#deps.remove(old);
  }
}

/** Milliseconds since 1970. */
const endedAt = ({ stored: { record } }: Entry): number =>
  Date.parse(record.completed_at ?? record.updated_at);
