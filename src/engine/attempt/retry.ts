// What follows a failed attempt: another one after a pause, or none. Pure: chance is handed in.
import type { ErrorCode } from "../../errors/catalogue.ts";
import type { Failure } from "../../errors/runtime-error.ts";
import type { RetryPolicy } from "../../task/policy.ts";
import type { AttemptRecord } from "../../task/record.ts";
import type { Steering } from "../../task/steering.ts";

export interface FailedAttempt {
  readonly failure: Failure;
  /** What the task said by what it threw. */
  readonly steering: Steering | null;
  /** How many attempts failed before this one. */
  readonly failuresBefore: number;
}

export interface NextAttempt {
  readonly afterSeconds: number;
  /** How many have failed now. */
  readonly failures: number;
  /** How the attempt that is over goes into the record. */
  readonly outcome: AttemptRecord["outcome"];
}

/** A task that always asks to be tried later is seen doing so, and does not fill the disk. */
const shortestLaterSeconds = 1;

/** The same code would only do the same again, after all its work. */
const hopeless: readonly ErrorCode[] = [
  "RESULT_NOT_SERIALIZABLE",
  "RESULT_TOO_LARGE",
  "CHECKPOINT_NOT_SERIALIZABLE",
  "CALL_NOT_SERIALIZABLE",
];

/** @param random 0 <= n < 1 @returns null where there is no other attempt */
export function nextAttempt(
  { failure, steering, failuresBefore }: FailedAttempt,
  policy: RetryPolicy | null,
  random: () => number,
): NextAttempt | null {
  if (steering && "giveUp" in steering) return null;
  if (steering) {
    const afterSeconds = Math.max(shortestLaterSeconds, steering.tryLaterSeconds);
    return { afterSeconds, failures: failuresBefore, outcome: "postponed" };
  }
  const failures = failuresBefore + 1;
  if (policy === null || failures >= policy.maxAttempts || !isRetried(failure.code, policy)) return null;
  return { afterSeconds: pauseAfter(failures, policy, random), failures, outcome: "failed" };
}

function isRetried(code: string, { codes }: RetryPolicy): boolean {
  return codes === null ? !(hopeless as readonly string[]).includes(code) : codes.includes(code);
}

/** In seconds. `maxDelaySeconds` is where growth stops; it does not shorten a delay that was asked for. */
export function pauseAfter(
  failures: number,
  { delaySeconds, backoff, maxDelaySeconds, jitter }: RetryPolicy,
  random: () => number,
): number {
  const grown = backoff === "fixed" ? delaySeconds : delaySeconds * 2 ** Math.min(failures - 1, 60);
  return Math.min(grown, Math.max(delaySeconds, maxDelaySeconds)) * (1 - jitter * random());
}
