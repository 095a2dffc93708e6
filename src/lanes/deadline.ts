// `ctx.deadline`: one step that must not hang. Knows the stop of the task around it, no device and no lane.
import { RuntimeError } from "../errors/runtime-error.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import { deferred } from "../lib/deferred.ts";
import type { Deadline } from "../task/context.ts";
import { comesFrom } from "./failure.ts";
import type { Stop } from "./loop/stop.ts";

/** How long a step that was aborted may take to come to its end, before nobody waits for it any more. */
const graceMs = 1000;

export function createDeadline(
  clock: Clock,
  stop: Pick<Stop, "throwIfPending" | "notice" | "signalForDevices">,
): Deadline {
  return async (seconds, work) => {
    if (!(seconds >= 0))
      throw new RangeError(`ctx.deadline wants seconds, 0 or more, and was given ${seconds}.`);
    stop.throwIfPending();
    // Made here, while the line of the task that asks is on the stack.
    const exceeded = new RuntimeError("DEADLINE_EXCEEDED", { seconds });
    const step = new AbortController();
    const ordered = stop.signalForDevices();
    const passOn = (): void => step.abort(ordered.reason);
    ordered.addEventListener("abort", passOn, { once: true });
    const abandoned = deferred<never>();
    let isOver = false;
    let timer: Timer = clock.after(seconds * 1000, () => {
      isOver = true;
      step.abort(exceeded);
      timer = clock.after(graceMs, () => abandoned.reject(exceeded));
    });
    try {
      const result = await Promise.race([work(step.signal), abandoned.promise]);
      stop.throwIfPending();
      if (isOver) throw exceeded;
      return result;
    } catch (error) {
      stop.notice(error);
      if (!isOver || comesFrom(error, ordered.reason)) throw error;
      stop.throwIfPending();
      if (error !== exceeded) exceeded.cause = error;
      throw exceeded;
    } finally {
      timer.cancel();
      ordered.removeEventListener("abort", passOn);
    }
  };
}
