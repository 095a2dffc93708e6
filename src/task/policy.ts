// The static wishes of a task type: data only, the same for every task of the type.

export const lanes = ["async", "blocking", "isolated", "fleet"] as const;
export type LaneName = (typeof lanes)[number];

export const restartPolicies = ["ask", "resume", "requeue", "fail"] as const;
/** What happens to a task that was running when the power went; `ask` moves nothing by surprise. */
export type RestartPolicy = (typeof restartPolicies)[number];

/** What a task holds while it runs: devices, or any names that tasks agree on. */
export type Claims = Readonly<Record<string, "exclusive" | "shared">>;

export const backoffs = ["fixed", "exponential"] as const;

/** What follows a failure. A cancel, a shutdown and a `GiveUp` are never retried. */
export interface RetryPolicy {
  /** Attempts in all, the first included; 1 is no retry. */
  readonly maxAttempts: number;
  readonly delaySeconds: number;
  /** exponential doubles the delay with each attempt. */
  readonly backoff: (typeof backoffs)[number];
  readonly maxDelaySeconds: number;
  /** 0 to 1: the share of the delay that chance may take away. */
  readonly jitter: number;
  /** Codes of the failures that are retried; null is all. */
  readonly codes: readonly string[] | null;
}

/** Where an author or a submit leaves something out: three attempts with a growing pause. */
export const defaultRetry: RetryPolicy = {
  maxAttempts: 3,
  delaySeconds: 1,
  backoff: "exponential",
  maxDelaySeconds: 300,
  jitter: 0.1,
  codes: null,
};

/** What one attempt may use in the isolated lane; null is no limit. */
export interface WorkLimits {
  readonly memoryMb: number | null;
  readonly cpuSeconds: number | null;
}

export interface Policy {
  /** Nothing else runs meanwhile. */
  readonly isExclusive: boolean;
  /** A worker runs it, not the event loop. */
  readonly isBlocking: boolean;
  readonly lane: LaneName;
  /** The devices and names it uses; what it gets in `ctx.devices`. Empty where they follow from the parameters. */
  readonly uses: Claims;
  /** `uses` is a function of the parameters: `TaskType.claimsOf` knows them. */
  readonly usesDependOnParameters: boolean;
  /** -100 to 100, higher first. */
  readonly priority: number;
  /** Running time allowed per attempt, or null for the default of the settings. */
  readonly timeoutSeconds: number | null;
  readonly retry: RetryPolicy | null;
  readonly limits: WorkLimits;
  readonly onRestart: RestartPolicy;
  /** How long a cancelled task may clean up, or null for the default of the settings. */
  readonly cancelGraceSeconds: number | null;
}

export const defaultPolicy: Policy = {
  isExclusive: false,
  isBlocking: false,
  lane: "async",
  uses: {},
  usesDependOnParameters: false,
  priority: 0,
  timeoutSeconds: null,
  retry: null,
  limits: { memoryMb: null, cpuSeconds: null },
  onRestart: "ask",
  cancelGraceSeconds: null,
};
