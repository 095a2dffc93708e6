// A task type the engine can use, made of a description; with the class it describes, or without.
import type { TaskType } from "../engine/ports.ts";
import type { Claims, LaneName } from "../task/policy.ts";
import type { Description } from "./description.ts";
import type { ClaimsDesk } from "./inspection/claims-desk.ts";
import { jsonValidatorFor } from "./json-parameters.ts";
import { validatorFor } from "./parameters.ts";
import { isClaims } from "./statics.ts";
import { schemaOf, type TaskClass } from "./task-class.ts";

type Parameters = Readonly<Record<string, unknown>>;

/** For a class that this very process has imported. */
export const typeOfClass = (description: Description, taskClass: TaskClass): TaskType =>
  Object.freeze({
    ...description,
    isTrusted: true,
    validate: validatorFor(schemaOf(taskClass)),
    claimsOf: (parameters: Parameters) => claimsOf(taskClass, parameters),
    create: () => new taskClass(),
  });

/**
 * For a class that only processes of their own import.
 * @throws Error where the JSON Schema of its parameters is none
 */
export function typeOfDescription(description: Description, desk: ClaimsDesk): TaskType {
  const { module, parametersSchema, name, policy } = description;
  const lane: LaneName = policy.lane === "fleet" ? "fleet" : "isolated";
  return Object.freeze({
    ...description,
    policy: { ...policy, lane },
    isTrusted: false,
    validate: jsonValidatorFor(parametersSchema),
    claimsOf: (parameters: Parameters) => desk.claims({ module, parameters }),
    create: () => {
      throw new Error(`the class of ${name} is not in this process: its file is not trusted`);
    },
  });
}

/** @throws what the author's function throws, and where it returns no claims */
export function claimsOf({ uses, taskName }: TaskClass, parameters: Parameters): Claims {
  const claims: unknown = typeof uses === "function" ? uses(structuredClone(parameters)) : (uses ?? {});
  if (isClaims(claims)) return claims;
  throw new Error(`uses of ${taskName} returned no object of names, each 'exclusive' or 'shared'`);
}
