// What a task asks of the runtime and waits for (`ctx.ask`, `ctx.tasks`), as plain data: the same in every lane.
import { z } from "zod";
import type { Call } from "../engine/ports.ts";
import type { Children } from "../task/children.ts";
import type { Ask } from "../task/context.ts";
import type { TaskView } from "../task/record.ts";
import { ownCopy, plainCopy } from "./plain-copy.ts";

/** Resolves with the plain answer, rejects with a RuntimeError. */
export type MakeCall = (call: Call) => Promise<unknown>;

export function createAsk(call: MakeCall): Ask {
  return async (schema, prompt, { timeoutSeconds, default: whenSilent } = {}) => {
    const question = {
      prompt,
      schema: z.toJSONSchema(schema, { io: "input" }),
      default: whenSilent === undefined ? null : plainCopy(whenSilent, "CALL_NOT_SERIALIZABLE", "default"),
      hasDefault: whenSilent !== undefined,
      timeoutSeconds: timeoutSeconds ?? null,
    };
    // What JSON Schema cannot say (refinements) is checked here, and asked again with the reason.
    for (let said = prompt; ; ) {
      const answer = await call({ to: "ask", question: { ...question, prompt: said } });
      const checked = await schema.safeParseAsync(answer);
      if (checked.success) return checked.data;
      said = `${prompt} (${z.prettifyError(checked.error)})`;
    }
  };
}

export function createChildren(call: MakeCall): Children {
  return {
    submit: async (task, parameters = {}, options = {}) => {
      const plain = plainCopy({ parameters, options }, "CALL_NOT_SERIALIZABLE", "parameters");
      return (await call({ to: "submit", task, ...(plain as SubmitParts) })) as string;
    },
    waitFor: async (id, { timeoutSeconds } = {}) =>
      ownCopy((await call({ to: "wait", id, timeoutSeconds: timeoutSeconds ?? null })) as TaskView),
    cancel: async (id) => {
      await call({ to: "cancel", id });
    },
  };
}

type SubmitParts = Pick<Extract<Call, { to: "submit" }>, "parameters" | "options">;
