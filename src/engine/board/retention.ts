// Nothing is kept for ever: ended tasks go by count and by age, the first ended first.
import type { Clock, Timer } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Limits } from "../ports.ts";
import type { Board } from "./board.ts";
import type { Entry } from "./entry.ts";

const lookEveryMs = 60_000;

export interface RetentionDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly board: Board;
  readonly limits: () => Limits;
  readonly remove: (entries: readonly Entry[]) => Promise<unknown>;
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
      const completedAt = Date.parse(entry.stored.record.completed_at ?? entry.stored.record.updated_at);
      if (old.length >= over && completedAt >= oldest) break;
      if (dependants.isNeeded(entry.id)) this.#needed++;
      else old.push(entry);
    }
    if (old.length > 0) await this.#deps.remove(old);
  }
}
