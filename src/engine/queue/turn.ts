// Whose turn it is: those beneath a running task first, for their parents' turn has come already; then priority, then
// first come.
import type { Claims, LaneName } from "../../task/policy.ts";
import type { StoredTask } from "../../task/record.ts";
import type { Entry } from "../board/entry.ts";

/** A task that waits in the queue. */
export interface Waiting {
  readonly id: string;
  /** The name of its type. */
  readonly task: string;
  readonly priority: number;
  /** Grows with every submit and restart. */
  readonly order: number;
  /** Milliseconds; when it came into the queue. */
  readonly since: number;
  readonly lane: LaneName;
  /** What it claims, where that follows from its parameters. */
  readonly claims: Claims | null;
  /** The running task that submitted it. */
  readonly parent: string | null;
}

export const byTurn = (a: Waiting, b: Waiting): number =>
  (a.parent === null ? 1 : 0) - (b.parent === null ? 1 : 0) || b.priority - a.priority || a.order - b.order;

export const ticketOf = ({ stored, queuedAt }: Entry): Waiting => ticketFor(stored, queuedAt);

/** @param since milliseconds; when it came into the queue */
export const ticketFor = ({ record, memo }: StoredTask, since: number): Waiting => ({
  id: record.id,
  task: record.task,
  priority: record.priority,
  order: memo.order,
  since,
  lane: record.lane,
  claims: memo.claims ?? null,
  parent: memo.wishes?.parent ?? null,
});
