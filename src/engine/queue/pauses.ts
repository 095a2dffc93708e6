// Whether the queue stands still, since when and why: once the disk has it, or at once where it cannot wait.
import { type Clock, isoTime } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Blocker } from "../../task/record.ts";
import type { QueuePause, TaskStore } from "../ports.ts";

export interface QueuePausesDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: TaskStore;
  /** Called with every change that counts. */
  readonly onChange: (pause: QueuePause | null) => void;
}

export class QueuePauses {
  readonly #deps: QueuePausesDeps;
  #current: QueuePause | null = null;
  /** Grows with every decision: a resume that was on its way to the disk is overtaken by a stop. */
  #decisions = 0;

  constructor(deps: QueuePausesDeps) {
    this.#deps = deps;
  }

  get current(): QueuePause | null {
    return this.#current;
  }

  /**
   * As it was stored; nobody is told. Resolves when the disk has it.
   * @param interrupted tasks that held devices that move when the power went
   */
  async restore(stored: QueuePause | null, interrupted: readonly string[]): Promise<void> {
    const isNew = stored === null && interrupted.length > 0;
    this.#current = isNew ? this.#made("interrupted_hardware", interrupted) : stored;
    if (isNew) await this.#deps.store.insistOnQueuePause(this.#current);
  }

  /** A pause by the owner takes the place of another reason, but not of an emergency. @throws STORE_UNAVAILABLE */
  async pause(): Promise<void> {
    if (this.#current?.because === "stopped") return;
    await this.#ask(this.#made("user"));
  }

  /** @throws STORE_UNAVAILABLE */
  resume(): Promise<void> {
    return this.#ask(null);
  }

  /** In an emergency: in memory at once. Resolves when the disk has it. */
  stop(): Promise<void> {
    return this.#insist(this.#made("stopped"));
  }

  /** The owner lets one of the tasks that were interrupted in mid-motion go on, and so says that the machine may move. */
  letGoOn(taskId: string): void {
    const { because, task_ids: ids = [] } = this.#current ?? {};
    if (because !== "interrupted_hardware" || !ids.includes(taskId)) return;
    this.#insist(null).catch((error) =>
      this.#deps.log.warn({ err: error }, "the queue goes on, but the disk does not know it"),
    );
  }

  async #ask(pause: QueuePause | null): Promise<void> {
    const decision = ++this.#decisions;
    await this.#deps.store.setQueuePause(pause);
    if (decision === this.#decisions) this.#take(pause);
  }

  #insist(pause: QueuePause | null): Promise<void> {
    this.#decisions++;
    this.#take(pause);
    return this.#deps.store.insistOnQueuePause(pause);
  }

  #take(pause: QueuePause | null): void {
    this.#current = pause;
    this.#deps.onChange(pause);
  }

  #made(because: QueuePause["because"], taskIds: readonly string[] = []): QueuePause {
    return { because, since: isoTime(this.#deps.clock.now()), task_ids: taskIds };
  }
}

/** What a task waits for in a queue that stands still: one entry for each task that is the reason. */
export function blockersOf({ because, since, task_ids }: QueuePause, queuedAt: number): Blocker[] {
  const from = isoTime(Math.max(queuedAt, since === null ? 0 : Date.parse(since)));
  const ids = task_ids.length > 0 ? task_ids : [null];
  return ids.map((task_id) => ({ because: "queue_paused", task_id, resource: because, since: from }));
}
