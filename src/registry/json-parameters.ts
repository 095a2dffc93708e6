// Checks parameters against a JSON Schema: all that is known here of a task whose class is in another process.
import { type Context, createContext, Script } from "node:vm";
import { z } from "zod";
import type { Validated } from "../engine/ports.ts";
import { validatorFor } from "./parameters.ts";

type Validate = (parameters: Readonly<Record<string, unknown>>) => Validated;

/**
 * What JSON Schema cannot say (refinements, transforms), the process checks that runs the task.
 * @throws Error where it is no schema of an object
 */
export function jsonValidatorFor(schema: object | null): Validate {
  if (schema === null) return validatorFor(null);
  const made = z.fromJSONSchema(schema as z.core.JSONSchema.JSONSchema);
  if (!(made instanceof z.ZodObject)) throw new Error("the parameters are no object");
  const validate = validatorFor(made);
  return hasPatterns(schema) ? inTime(validate) : validate;
}

const mostMs = 100;
const call = new Script("work()");
let context: Context | null = null;

const hasPatterns = (schema: object): boolean => JSON.stringify(schema).includes('"pattern');

/** A pattern (regular expression) can be such that it takes hours on some texts. */
function inTime(validate: Validate): Validate {
  return (parameters) => {
    context ??= createContext({});
    context.work = () => validate(parameters);
    try {
      return call.runInContext(context, { timeout: mostMs }) as Validated;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
      const message = `could not be checked within ${mostMs} ms: a pattern of the schema is too slow for them`;
      return { ok: false, issues: [{ path: "parameters", message }] };
    } finally {
      context.work = null;
    }
  };
}
