// What waiting tasks need to start, from their types as they are now; equal for all of a type whose parameters say nothing.
import type { Policy } from "../../task/policy.ts";
import { laneOf } from "../intake/submission.ts";
import type { TaskTypes } from "../ports.ts";
import { type Needs, needsOf } from "./admission.ts";
import { claimsHeld } from "./claims.ts";
import type { Waiting } from "./turn.ts";

export class NeedsByType {
  readonly #types: TaskTypes;
  readonly #known = new WeakMap<Policy, Needs>();

  constructor(types: TaskTypes) {
    this.#types = types;
  }

  /** Null while its type is gone. */
  of({ task, lane: wished, claims }: Waiting): Needs | null {
    const policy = this.#types.get(task)?.policy;
    if (policy === undefined) return null;
    const lane = laneOf(policy, wished);
    if (policy.usesDependOnParameters || lane === "fleet")
      return needsOf(policy, lane, claimsHeld(policy, claims));
    let needs = this.#known.get(policy);
    if (!needs) {
      needs = needsOf(policy);
      this.#known.set(policy, needs);
    }
    return needs;
  }
}
