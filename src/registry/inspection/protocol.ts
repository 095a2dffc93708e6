// What the runtime and a process that inspects task files say to each other: one order, one answer, then the next.
import { z } from "zod";
import type { Claims } from "../../task/policy.ts";
import { type Description, descriptionSchema } from "../description.ts";
import type { TaskFile } from "../examine.ts";
import type { VerdictOn } from "../plugin.ts";
import { isClaims } from "../statics.ts";

/** Whose claims are asked for. */
export interface ClaimsQuestion {
  readonly module: Description["module"];
  readonly parameters: Readonly<Record<string, unknown>>;
}

export type Order =
  /** `isSuspect`: it took long or took a process down before. */
  | ({ readonly to: "inspect"; readonly isSuspect: boolean } & TaskFile)
  | ({ readonly to: "tell claims" } & ClaimsQuestion);

/** `ready`: for the first order. `alive`: its event loop turns, whatever it waits for. */
export type Said =
  | { readonly type: "ready" | "alive" }
  | { readonly type: "inspected"; readonly verdict: VerdictOn<Description> }
  | { readonly type: "claims"; readonly claims: Claims }
  | { readonly type: "threw"; readonly message: string };

const problem = z.strictObject({ line: z.int().nullable(), reason: z.string(), remedy: z.string() });

const verdict = z.discriminatedUnion("is", [
  z.strictObject({
    is: z.literal("sound"),
    types: z.array(z.strictObject({ type: descriptionSchema, line: z.int() })),
  }),
  z.strictObject({ is: z.literal("rejected"), problem, names: z.array(z.string()) }),
  z.strictObject({ is: z.literal("opted_out") }),
]);

const said: z.ZodType<Said> = z.discriminatedUnion("type", [
  z.strictObject({ type: z.enum(["ready", "alive"]) }),
  z.strictObject({ type: z.literal("inspected"), verdict }),
  z.strictObject({ type: z.literal("claims"), claims: z.custom<Claims>(isClaims) }),
  z.strictObject({ type: z.literal("threw"), message: z.string() }),
]);

/** Code that has changed the process it ran in may say anything. @throws ZodError */
export const heard = (message: unknown): Said => said.parse(message);
