// How a task ends, from how its attempt ended and the first reason it was given to stop. Pure.
import { type Failure, RuntimeError, toFailure } from "../../errors/runtime-error.ts";
import type { CancelReason } from "../../task/steering.ts";
import type { Ending } from "../ports.ts";

export type Verdict =
  | { readonly to: "completed"; readonly result: unknown }
  | { readonly to: "failed"; readonly failure: Failure; readonly partialResult?: unknown }
  | { readonly to: "cancelled"; readonly partialResult?: unknown }
  | { readonly to: "interrupted"; readonly partialResult?: unknown };

export interface Circumstances {
  /** The first reason given, or null where nobody asked it to stop. */
  readonly reason: CancelReason | null;
  /** It was to stop at its next checkpoint. */
  readonly stopsAfterStep: boolean;
  readonly timeoutSeconds: number | null;
  readonly partialResult: unknown;
}

export function verdict(
  ending: Ending,
  { reason, stopsAfterStep, timeoutSeconds, partialResult }: Circumstances,
): Verdict {
  const unseen = ending.how === "returned" && !ending.sawCancel;
  if (unseen || (ending.how === "returned" && reason === null))
    return { to: "completed", result: ending.result };
  // It wants to go on later, and is not to go on.
  if (reason === null && stopsAfterStep && triesLater(ending)) return { to: "cancelled" };
  if (reason === null) return { to: "failed", failure: failureOf(ending) };
  const partial = ending.how === "returned" ? { partialResult: ending.result } : {};
  if (reason === "shutdown" && !stopsAfterStep) return { to: "interrupted", ...partial };
  if (reason !== "timeout") return { to: "cancelled", ...partial };
  const kept = "partialResult" in partial ? partial.partialResult : partialResult;
  return { to: "failed", failure: timeoutFailure(timeoutSeconds, kept), ...partial };
}

const triesLater = (ending: Ending): boolean =>
  ending.how === "threw" && ending.steering !== undefined && "tryLaterSeconds" in ending.steering;

function failureOf(ending: Ending): Failure {
  if (ending.how === "threw") return ending.failure;
  return toFailure(
    new RuntimeError("WORKER_ENDED", { reason: "it was ended from outside", source: "the task" }),
  );
}

function timeoutFailure(seconds: number | null, partialResult: unknown): Failure {
  return toFailure(
    new RuntimeError("TIMEOUT", { timeout_seconds: seconds, partial_result: partialResult ?? null }),
  );
}
