// How far a task is: what authors yield, and what the wire shows.

/** What a task yields or reports. `total` null or absent means unknown. */
export interface ProgressUpdate<Checkpoint = unknown> {
  /** Steps done so far. */
  readonly current: number;
  readonly total?: number | null;
  readonly message?: string;
  /** Anything JSON can carry that a screen may want: the axis, the phase. */
  readonly data?: Record<string, unknown>;
  /** A state to continue from; saved behind the task's back, `await ctx.checkpoint(state)` waits for the disk. */
  readonly checkpoint?: Checkpoint;
}

/** What records and events show. */
export interface Progress {
  readonly current: number;
  readonly total: number | null;
  /** 0 to 100, or null while the total is unknown. */
  readonly percent: number | null;
  readonly message: string | null;
  readonly eta_seconds: number | null;
  readonly eta_origin: "steps" | "history" | null;
  readonly data: Record<string, unknown> | null;
}

export const noProgress: Progress = {
  current: 0,
  total: null,
  percent: null,
  message: null,
  eta_seconds: null,
  eta_origin: null,
  data: null,
};

/** Where steps say nothing, the time that tasks of this type took lately does. */
export function withExpected(
  progress: Progress,
  elapsedSeconds: number,
  expectedSeconds: number | null,
): Progress {
  if (progress.eta_origin === "steps" || expectedSeconds === null) return progress;
  const left = Math.max(0, Math.round((expectedSeconds - elapsedSeconds) * 10) / 10);
  return { ...progress, eta_seconds: left, eta_origin: "history" };
}

/** @param elapsedSeconds running time of this attempt so far, and `done` the steps that were done before it began */
export function toProgress(update: ProgressUpdate, elapsedSeconds: number, done: number): Progress {
  const total = update.total ?? null;
  const percent =
    total !== null && total > 0 ? Math.max(0, Math.min(100, (update.current / total) * 100)) : null;
  const steps = update.current - done;
  const left = total !== null && steps > 0 ? ((total - update.current) * elapsedSeconds) / steps : null;
  const eta = left !== null && Number.isFinite(left) ? left : null;
  return {
    current: update.current,
    total,
    percent: percent === null ? null : Math.round(percent * 100) / 100,
    message: update.message ?? null,
    eta_seconds: eta === null ? null : Math.max(0, Math.round(eta * 10) / 10),
    eta_origin: eta === null ? null : "steps",
    data: update.data ?? null,
  };
}
