// How a task steers by what it throws, and how it is told to stop. Recognised by brand, across threads and copies.

export const cancelReasons = ["user", "timeout", "shutdown", "dependency"] as const;
export type CancelReason = (typeof cancelReasons)[number];

const cancelBrand = Symbol.for("armature.cancelled");

/** What `ctx.signal.reason` is and what waits throw, once, when the task is to stop. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
  readonly [cancelBrand] = true;
  readonly reason: CancelReason;

  constructor(reason: CancelReason) {
    super(`The task was asked to stop (${reason}).`);
    this.reason = reason;
  }
}

export function isCancelled(thrown: unknown): thrown is Cancelled {
  return typeof thrown === "object" && thrown !== null && cancelBrand in thrown;
}

const giveUpBrand = Symbol.for("armature.give-up");
const tryLaterBrand = Symbol.for("armature.try-later");

/** Thrown by a task that will not succeed however often it is tried: it fails, whatever its retry policy says. */
export class GiveUp extends Error {
  override readonly name = "GiveUp";
  readonly [giveUpBrand] = true;
}

/** Thrown by a task that cannot work just now: it goes back to the queue and is tried again after `seconds`. */
export class TryLater extends Error {
  override readonly name = "TryLater";
  readonly [tryLaterBrand] = true;
  readonly seconds: number;

  constructor({ seconds, message }: { seconds: number; message?: string }) {
    super(message ?? `The task asks to be tried again in ${seconds} s.`);
    this.seconds = seconds;
  }
}

/** What a task says about its next attempt by what it throws; null where it says nothing. */
export type Steering = { readonly giveUp: true } | { readonly tryLaterSeconds: number };

export function steeringOf(thrown: unknown): Steering | null {
  if (typeof thrown !== "object" || thrown === null) return null;
  if (giveUpBrand in thrown) return { giveUp: true };
  if (tryLaterBrand in thrown && "seconds" in thrown && Number.isFinite(thrown.seconds))
    return { tryLaterSeconds: thrown.seconds as number };
  return null;
}
