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
