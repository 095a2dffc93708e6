// Errors as RFC 9457 problem details. The only place that maps kinds to HTTP; no stack leaves it.
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { ErrorCode, ErrorKind } from "../errors/catalogue.ts";
import { isRuntimeError, RuntimeError, toFailure } from "../errors/runtime-error.ts";
import type { Logger } from "../lib/logger.ts";

const statusOfKind: Record<ErrorKind, number> = {
  invalid: 422,
  malformed: 400,
  too_large: 413,
  unsupported: 415,
  not_found: 404,
  conflict: 409,
  forbidden: 403,
  unauthorized: 401,
  unavailable: 503,
  task: 422,
  broken: 500,
};

/** Where HTTP has a status of its own for something. */
const statusOfCode: Partial<Record<ErrorCode, number>> = { METHOD_NOT_ALLOWED: 405, WEBSOCKET_EXPECTED: 426 };

const headersOfStatus: Record<number, Record<string, string>> = {
  401: { "WWW-Authenticate": "Bearer" },
  426: { Upgrade: "websocket", Connection: "Upgrade, close" },
  503: { "Retry-After": "2" },
};

const fieldIssue = z
  .object({
    path: z.string(),
    message: z.string(),
    expected: z.string().optional(),
    found: z.string().optional(),
  })
  .meta({ id: "FieldIssue" });

export const problemSchema = z
  .strictObject({
    type: z.string().describe("Names the sort of problem; not an address to fetch."),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe("A sentence for people."),
    code: z.string().describe("For programs; docs/errors.md has a section on each."),
    remediation: z.string().describe("What to do about it."),
    errors: z.array(fieldIssue).optional().describe("The fields that do not fit."),
    details: z.record(z.string(), z.unknown()).describe("What the sentence was made of."),
    instance: z.string().describe("The path that was asked for."),
    request_id: z.string().describe("Under which the log knows it."),
  })
  .meta({ id: "Problem", description: "RFC 9457 problem details" });

export type Problem = z.infer<typeof problemSchema>;

export interface Refusal {
  readonly problem: Problem;
  readonly headers: Record<string, string>;
}

/** @param path of the request, without its query */
export function refusalOf(thrown: unknown, path: string, log: Logger): Refusal {
  const requestId = randomUUID();
  const error = isRuntimeError(thrown) ? thrown : new RuntimeError("INTERNAL", { request_id: requestId });
  const status = statusOfCode[error.code] ?? statusOfKind[error.kind];
  if (status >= 500 && status !== 503)
    log.error({ err: thrown, request_id: requestId, path }, `${path} failed: ${error.code}`);
  const { code, message, details, remediation } = toFailure(error);
  const { errors, ...rest } = details;
  const allow: Record<string, string> =
    error.code === "METHOD_NOT_ALLOWED" ? { Allow: String(error.details.allowed) } : {};
  return {
    problem: {
      type: `urn:armature:problem:${code.toLowerCase().replaceAll("_", "-")}`,
      title: titleOf(code),
      status,
      detail: message,
      code,
      remediation,
      ...(Array.isArray(errors) ? { errors: errors as Problem["errors"] } : {}),
      details: rest,
      instance: path,
      request_id: requestId,
    },
    headers: { "Content-Type": "application/problem+json", ...headersOfStatus[status], ...allow },
  };
}

export function problemResponse(thrown: unknown, path: string, log: Logger): Response {
  const { problem, headers } = refusalOf(thrown, path, log);
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

const titleOf = (code: string): string => {
  const words = code.toLowerCase().replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};
