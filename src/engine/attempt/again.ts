// Sends a task whose attempt has failed back to wait for the next one, where its policy or the task itself wants it.
import type { Clock } from "../../lib/clock.ts";
import type { Entry } from "../board/entry.ts";
import type { Changes } from "../changes.ts";
import type { Ending } from "../ports.ts";
import { type Left, retried } from "../transition.ts";
import { afterSeconds } from "../triggers/due.ts";
import type { Attempt } from "./attempt.ts";
import { type NextAttempt, nextAttempt } from "./retry.ts";
import type { Verdict } from "./verdict.ts";

export interface AgainDeps {
  readonly clock: Clock;
  readonly changes: Changes;
  /** 0 <= n < 1 */
  readonly random: () => number;
  readonly nextOrder: () => number;
}

export type Again = NextAttempt & { readonly error: string };

/** Null where this end was the last. A cancel beats a retry. */
export function anotherAttempt(
  entry: Entry,
  attempt: Attempt,
  ending: Ending,
  outcome: Verdict,
  { random }: AgainDeps,
): Again | null {
  if (attempt.isUnwanted) return null;
  if (ending.how === "withdrawn" && attempt.reason === "shutdown") return asIfNever(entry);
  if (outcome.to !== "failed") return null;
  const { wishes, failures: failuresBefore = 0 } = entry.stored.memo;
  const { failure } = outcome;
  const policy = wishes?.retry ?? attempt.type.policy.retry;
  const next = nextAttempt(
    { failure, steering: steeringIn(ending, attempt), failuresBefore },
    policy,
    random,
  );
  return next && { ...next, error: failure.message };
}

/** Nobody had begun with it: the next start of the runtime finds it where it was. */
const asIfNever = ({ stored: { memo } }: Entry): Again => ({
  afterSeconds: 0,
  failures: memo.failures ?? 0,
  outcome: "postponed",
  error: "The runtime ended before a worker had begun with it.",
});

/** One that was told to stop for its time may give up, but does not choose when to go on. */
function steeringIn(ending: Ending, { reason }: Attempt) {
  const steering = (ending.how === "threw" && ending.steering) || null;
  return reason === null || (steering && "giveUp" in steering) ? steering : null;
}

export async function tryAgain(
  entry: Entry,
  { afterSeconds: seconds, failures, outcome, error }: Again,
  left: Left,
  { changes, clock, nextOrder }: AgainDeps,
): Promise<void> {
  const due = afterSeconds(seconds, clock.now());
  const next = { outcome, error, memo: { ...due, failures } };
  await changes.insist(entry, (task, now) => retried(task, now, nextOrder(), next, left), {
    type: "task_retrying",
    error,
    not_before: due.not_before,
  });
  entry.queuedAt = clock.now();
}
