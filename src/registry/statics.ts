// Reads the policy of a task class from its statics; a static of the wrong kind is refused, never guessed at.
import { nearest } from "../lib/nearest.ts";
import { defaultPolicy, lanes, type Policy, restartPolicies } from "../task/policy.ts";

export interface StaticProblem {
  readonly key: string;
  readonly expected: string;
  readonly found: unknown;
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

const rules: Readonly<Record<string, Rule>> = {
  description: text,
  category: text,
  isExclusive: flag,
  isBlocking: flag,
  lane: oneOf(lanes),
  uses: {
    expected: "an object of names, each 'exclusive' or 'shared'",
    fits: (value) =>
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every((mode) => mode === "exclusive" || mode === "shared"),
  },
  priority: {
    expected: "a whole number from -100 to 100",
    fits: (value) => Number.isInteger(value) && Math.abs(value as number) <= 100,
  },
  timeoutSeconds: {
    expected: "a number above 0",
    fits: (value) => isNumber(value) && value > 0,
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
  const given = statics as Partial<Policy>;
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
      uses: given.uses ?? defaultPolicy.uses,
      priority: given.priority ?? defaultPolicy.priority,
      timeoutSeconds: given.timeoutSeconds ?? defaultPolicy.timeoutSeconds,
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
