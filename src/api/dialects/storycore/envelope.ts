// StoryCore's envelope around whatever is answered on its paths: success with data, or error, and always metadata.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Clock, isoTime } from "../../../lib/clock.ts";
import { type Problem, problemSchema } from "../../problem.ts";
import { failureSchema } from "../../record.ts";

const metadata = z
  .strictObject({
    request_id: z.string(),
    timestamp: z.iso.datetime(),
    duration_ms: z.number().min(0).describe("From the request to this answer."),
  })
  .meta({ id: "StoryCoreMetadata" });

export const successOf = <S extends z.ZodType>(data: S) =>
  z.strictObject({ status: z.literal("success"), data, metadata });

export const errorSchema = z
  .strictObject({ status: z.literal("error"), error: failureSchema, metadata })
  .meta({ id: "StoryCoreError" });

/** True for paths that do not exist, too: there is no other way to say so to its clients. */
export const isStoryCore = (path: string): boolean => path.startsWith("/storycore.");

/** @param answer JSON or a problem; what has no body stays as it is */
export async function inEnvelope(
  answer: () => Response | Promise<Response>,
  clock: Clock,
): Promise<Response> {
  const began = clock.monotonic();
  const response = await answer();
  const text = await response.text();
  if (text === "") return new Response(null, response);
  const body: unknown = JSON.parse(text);
  const problem = response.ok ? null : problemSchema.parse(body);
  const envelope = {
    ...(problem === null ? { status: "success", data: body } : { status: "error", error: errorOf(problem) }),
    metadata: {
      request_id: problem?.request_id ?? randomUUID(),
      timestamp: isoTime(clock.now()),
      duration_ms: Math.round((clock.monotonic() - began) * 1000) / 1000,
    },
  };
  const headers = new Headers(response.headers);
  headers.set("Content-Type", "application/json");
  return new Response(JSON.stringify(envelope), { status: response.status, headers });
}

const errorOf = ({
  code,
  detail,
  details,
  errors,
  remediation,
}: Problem): z.output<typeof failureSchema> => ({
  code,
  message: detail,
  details: errors ? { ...details, errors } : details,
  remediation,
});
