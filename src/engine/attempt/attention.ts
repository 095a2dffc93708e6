// Which running tasks need somebody's attention, and whether the machine can work beside them. Pure.
import type { Limits } from "../ports.ts";

export interface Troubled {
  readonly id: string;
  readonly task: string;
  readonly since: string;
}

export interface Attention {
  /** They ignored their cancel, and nothing here can end them. They keep what they hold. */
  readonly stuck: readonly Troubled[];
  /** Nothing was heard of them for `stall_seconds`. */
  readonly silent: readonly Troubled[];
  /** Stuck tasks have the machine, or every place of their kind: there is work that can never start. */
  readonly isBlocked: boolean;
}

export interface Running extends Pick<Troubled, "id" | "task"> {
  readonly isExclusive: boolean;
  readonly isBlocking: boolean;
  readonly stuckSince: string | null;
  readonly silentSince: string | null;
}

export function attentionTo(running: readonly Running[], limits: Limits): Attention {
  const stuck = running.filter(({ stuckSince }) => stuckSince !== null);
  const blocking = stuck.filter(({ isBlocking }) => isBlocking).length;
  return {
    stuck: stuck.map(({ id, task, stuckSince }) => ({ id, task, since: stuckSince ?? "" })),
    silent: running.flatMap(({ id, task, silentSince }) =>
      silentSince === null ? [] : [{ id, task, since: silentSince }],
    ),
    isBlocked:
      stuck.some(({ isExclusive }) => isExclusive) ||
      blocking >= limits.blockingWorkers ||
      stuck.length - blocking >= limits.maxConcurrentTasks,
  };
}
