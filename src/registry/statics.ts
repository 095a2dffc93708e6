// Reads the policy of a task class from its statics; a static of the wrong kind is refused, never guessed at.
import { nearest } from "../lib/nearest.ts";
import {
  backoffs,
  type Claims,
  defaultPolicy,
  defaultRetry,
  lanes,
  type Policy,
  type RetryPolicy,
  restartPolicies,
  type WorkLimits,
} from "../task/policy.ts";

export interface StaticProblem {
  readonly key: string;
  readonly expected: string;
  readonly found: unknown;
}

/** As an author writes them. */
interface Wanted {
  readonly uses?: Claims | ((parameters: never) => Claims);
  readonly retry?: Partial<RetryPolicy> | null;
  readonly limits?: Partial<WorkLimits> | null;
}

type Read =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problem: StaticProblem };

interface Rule {
  readonly expected: string;
  fits(value: unknown): boolean;
}

const flag: Rule = { expected: "true or false", fits: (value) => typeof value === "boolean" };
const text: Rule = {
  expected: "a text that is not empty",
  fits: (value) => typeof value === "string" && value.trim() !== "",
};
const oneOf = (words: readonly string[]): Rule => ({
  expected: words.map((word) => `'${word}'`).join(" | "),
  fits: (value) => typeof value === "string" && words.includes(value),
});
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

const atLeast = (least: number, value: unknown): boolean => isNumber(value) && value >= least;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isClaims = (value: unknown): value is Claims =>
  isObject(value) && Object.values(value).every((mode) => mode === "exclusive" || mode === "shared");

type Fits<T> = { readonly [Key in keyof T]: (value: unknown) => boolean };

const retryRules: Fits<RetryPolicy> = {
  maxAttempts: (value) => Number.isInteger(value) && atLeast(1, value),
  delaySeconds: (value) => atLeast(0, value),
  backoff: (value) => backoffs.some((word) => word === value),
  maxDelaySeconds: (value) => atLeast(0, value),
  jitter: (value) => atLeast(0, value) && (value as number) <= 1,
  codes: (value) =>
    value === null || (Array.isArray(value) && value.every((code) => typeof code === "string")),
};

const limitRules: Fits<WorkLimits> = {
  memoryMb: (value) => value === null || (isNumber(value) && value > 0),
  cpuSeconds: (value) => value === null || (isNumber(value) && value > 0),
};

const isObjectOf = (value: unknown, fits: Readonly<Record<string, (value: unknown) => boolean>>): boolean =>
  isObject(value) && Object.entries(value).every(([key, it]) => fits[key]?.(it) ?? false);

const rules: Readonly<Record<string, Rule>> = {
  description: text,
  category: text,
  isExclusive: flag,
  isBlocking: flag,
  lane: oneOf(lanes),
  uses: {
    expected:
      "an object of names, each 'exclusive' or 'shared', or a function of the parameters that returns one",
    fits: (value) => typeof value === "function" || isClaims(value),
  },
  priority: {
    expected: "a whole number from -100 to 100",
    fits: (value) => Number.isInteger(value) && Math.abs(value as number) <= 100,
  },
  timeoutSeconds: {
    expected: "a number above 0",
    fits: (value) => isNumber(value) && value > 0,
  },
  retry: {
    expected:
      "{maxAttempts?, delaySeconds?, backoff?: 'fixed' | 'exponential', maxDelaySeconds?, jitter?: 0 to 1, codes?}",
    fits: (value) => isObjectOf(value, retryRules),
  },
  limits: {
    expected: "{memoryMb?, cpuSeconds?}, each a number above 0",
    fits: (value) => isObjectOf(value, limitRules),
  },
  onRestart: oneOf(restartPolicies),
  cancelGraceSeconds: {
    expected: "a number of 0 or more",
    fits: (value) => isNumber(value) && value >= 0,
  },
};

/** Checked elsewhere (the schemas), or read by other parts of the runtime. */
const others = ["taskName", "parameters", "result", "checkpoint"];

export function readPolicy(statics: object): Read {
  for (const [key, rule] of Object.entries(rules)) {
    const found: unknown = Reflect.get(statics, key);
    if (found !== undefined && found !== null && !rule.fits(found)) {
      return { ok: false, problem: { key, expected: rule.expected, found } };
    }
  }
  const given = statics as Partial<Omit<Policy, "uses" | "retry" | "limits">> & Wanted;
  const isBlocking = given.isBlocking ?? defaultPolicy.isBlocking;
  const lane = given.lane ?? (isBlocking ? "blocking" : "async");
  if ((lane === "async" && isBlocking) || (lane === "blocking" && !isBlocking)) {
    const expected = isBlocking ? "no lane, 'isolated' or 'fleet'" : "isBlocking: true for this lane";
    return { ok: false, problem: { key: "lane", expected, found: lane } };
  }
  return {
    ok: true,
    policy: {
      isExclusive: given.isExclusive ?? defaultPolicy.isExclusive,
      isBlocking,
      lane,
      uses: typeof given.uses === "function" ? {} : (given.uses ?? defaultPolicy.uses),
      usesDependOnParameters: typeof given.uses === "function",
      priority: given.priority ?? defaultPolicy.priority,
      timeoutSeconds: given.timeoutSeconds ?? defaultPolicy.timeoutSeconds,
      retry: given.retry ? { ...defaultRetry, ...given.retry } : null,
      limits: { ...defaultPolicy.limits, ...given.limits },
      onRestart: given.onRestart ?? defaultPolicy.onRestart,
      cancelGraceSeconds: given.cancelGraceSeconds ?? defaultPolicy.cancelGraceSeconds,
    },
  };
}

/** The first key of a `Task.with` definition that means nothing: TypeScript lets a typo pass there. */
export function unknownKeyIn(definition: object): { key: string; near: string | null } | null {
  const known = [...Object.keys(rules), ...others];
  const key = Object.keys(definition).find((one) => !known.includes(one));
  return key === undefined ? null : { key, near: nearest(key, known, 1)[0] ?? null };
}
