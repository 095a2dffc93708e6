// The key that makes a repeated submit the same one: where it is given, and what of a request has to be the same.
import { createHash } from "node:crypto";
import type { BatchRequest, Idempotency, SubmitRequest } from "../engine/requests.ts";
import { RuntimeError } from "../errors/runtime-error.ts";
import { actionOf } from "../task/name.ts";
import type { Asking } from "./asking.ts";

export const submitHeaders = {
  "Idempotency-Key": "The same key with the same body returns the first task; with another body 409.",
};

/** @throws INVALID_REQUEST for a key that is empty or too long */
export function idempotencyOf(
  asking: Asking,
  request: SubmitRequest | BatchRequest,
): Idempotency | undefined {
  return idempotencyWith(asking.header("idempotency-key") ?? undefined, request);
}

/** @throws INVALID_REQUEST for a key that is empty or too long */
export function idempotencyWith(
  key: string | undefined,
  request: SubmitRequest | BatchRequest,
): Idempotency | undefined {
  if (key === undefined) return undefined;
  if (key === "" || key.length > 255) {
    const error = { path: "Idempotency-Key", message: "expected 1 to 255 characters" };
    throw new RuntimeError("INVALID_REQUEST", { errors: [error] });
  }
  return { key, digest: digestOf(request) };
}

/** The order of keys, white space and the ending of a type's name do not make another body. */
function digestOf(request: SubmitRequest | BatchRequest): string {
  const same = (task: SubmitRequest) => ({ ...task, task: actionOf(task.task) });
  const bare = "tasks" in request ? { ...request, tasks: request.tasks.map(same) } : same(request);
  const canonical = JSON.stringify(bare, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash("sha256").update(canonical).digest("hex");
}
