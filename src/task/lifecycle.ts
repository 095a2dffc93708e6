// The life of a task as one table. The API's enum, the diagram in docs/ and the tests are made from it.

export const lifecycle = {
  pending: ["running", "cancelled", "failed"],
  running: ["pausing", "paused", "cancelling", "completed", "failed", "pending", "interrupted"],
  pausing: ["paused", "running", "cancelling", "completed", "failed", "pending", "interrupted"],
  paused: ["running", "cancelling", "failed", "interrupted"],
  cancelling: ["cancelled", "completed", "failed", "pending", "interrupted"],
  interrupted: ["pending", "cancelled", "failed"],
  failed: ["pending"],
  cancelled: ["pending"],
  completed: [],
} as const satisfies Record<string, readonly string[]>;

export type Status = keyof typeof lifecycle;

export const statuses = Object.keys(lifecycle) as [Status, ...Status[]];

/** Statuses in which an attempt is under way and holds its place. */
export const activeStatuses: readonly Status[] = ["running", "pausing", "paused", "cancelling"];
export const endedStatuses: readonly Status[] = ["completed", "failed", "cancelled"];

export const mayFollow = (from: Status, to: Status): boolean =>
  (lifecycle[from] as readonly string[]).includes(to);

export const isActive = (status: Status): boolean => activeStatuses.includes(status);
export const hasEnded = (status: Status): boolean => endedStatuses.includes(status);
/** It has ended, or waits for its owner. */
export const isSettled = (status: Status): boolean => hasEnded(status) || status === "interrupted";
