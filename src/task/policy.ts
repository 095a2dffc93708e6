// The static wishes of a task type: data only, the same for every task of the type.

export const lanes = ["async", "blocking", "isolated", "fleet"] as const;
export type LaneName = (typeof lanes)[number];

export const restartPolicies = ["ask", "resume", "requeue", "fail"] as const;
/** What happens to a task that was running when the power went; `ask` moves nothing by surprise. */
export type RestartPolicy = (typeof restartPolicies)[number];

export type Claims = Readonly<Record<string, "exclusive" | "shared">>;

export interface Policy {
  /** Nothing else runs meanwhile. */
  readonly isExclusive: boolean;
  /** A worker runs it, not the event loop. */
  readonly isBlocking: boolean;
  readonly lane: LaneName;
  /** The devices and names it uses; what it gets in `ctx.devices`. */
  readonly uses: Claims;
  /** -100 to 100, higher first. */
  readonly priority: number;
  /** Running time allowed per attempt, or null for the default of the settings. */
  readonly timeoutSeconds: number | null;
  readonly onRestart: RestartPolicy;
  /** How long a cancelled task may clean up, or null for the default of the settings. */
  readonly cancelGraceSeconds: number | null;
}

export const defaultPolicy: Policy = {
  isExclusive: false,
  isBlocking: false,
  lane: "async",
  uses: {},
  priority: 0,
  timeoutSeconds: null,
  onRestart: "ask",
  cancelGraceSeconds: null,
};
