// A message as a submit: the parameters, or the body of POST /tasks/{task_name}, which has `parameters` among its keys.
import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { RuntimeError } from "../errors/runtime-error.ts";
import { type BodyLimits, parseJson } from "./body.ts";
import { idempotencyWith } from "./idempotency.ts";
import { valid } from "./route.ts";
import { requestOf, submitNamedSchema } from "./submission.ts";

const objectSchema = z.record(z.string(), z.unknown(), "Invalid input: expected an object");

const bodySchema = submitNamedSchema.extend({
  idempotency_key: z.string().nullish().describe("As the header Idempotency-Key of POST /tasks."),
});

/**
 * @param subscription which task its channel is for
 * @throws BODY_TOO_LARGE, MALFORMED_JSON, BODY_TOO_DEEP, and INVALID_REQUEST where it is no object
 */
export function readMessage(
  bytes: Buffer,
  { channel, task }: { readonly channel: string; readonly task: string },
  limits: BodyLimits,
) {
  if (bytes.length > limits.maxBodyBytes)
    throw new RuntimeError("BODY_TOO_LARGE", { limit_bytes: limits.maxBodyBytes });
  if (!isUtf8(bytes)) throw new RuntimeError("MALFORMED_JSON", { problem: "it is not UTF-8" });
  const said = valid(parseJson(bytes.toString("utf8"), limits.maxBodyDepth), objectSchema);
  const isBody = Object.hasOwn(said, "parameters");
  const own = isBody ? objectSchema.safeParse(said.metadata).data : undefined;
  const metadata = { ...own, message_source: channel };
  return {
    metadata,
    wish: () => {
      const { idempotency_key, ...body } = isBody ? valid(said, bodySchema) : { parameters: said };
      const request = requestOf(task, { ...body, metadata });
      return { request, idempotency: idempotencyWith(idempotency_key ?? undefined, request) };
    },
  };
}
