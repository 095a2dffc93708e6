// A task type the engine can use, made of a description and of the class it describes.
import type { TaskType } from "../engine/ports.ts";
import type { Claims } from "../task/policy.ts";
import type { Description } from "./description.ts";
import { validatorFor } from "./parameters.ts";
import { isClaims } from "./statics.ts";
import { schemaOf, type TaskClass } from "./task-class.ts";

type Parameters = Readonly<Record<string, unknown>>;

/** For a class that this very process has imported. */
export const typeOfClass = (description: Description, taskClass: TaskClass): TaskType =>
  Object.freeze({
    ...description,
    validate: validatorFor(schemaOf(taskClass)),
    claimsOf: (parameters: Parameters) => claimsOf(taskClass, parameters),
    create: () => new taskClass(),
  });

/** @throws what the author's function throws, and where it returns no claims */
export function claimsOf({ uses, taskName }: TaskClass, parameters: Parameters): Claims {
  const claims: unknown = typeof uses === "function" ? uses(structuredClone(parameters)) : (uses ?? {});
  if (isClaims(claims)) return claims;
  throw new Error(`uses of ${taskName} returned no object of names, each 'exclusive' or 'shared'`);
}
