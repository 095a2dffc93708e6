// Lets pages of origins that the owner trusts read our answers. Everybody else's pages get no such headers.
import type { Asking } from "./asking.ts";
import { isTrustedForeigner, type Security } from "./security.ts";

/** The origin to grant, or null where the request is our own page's, a program's or a stranger's. */
export function grantedOrigin(asking: Asking, security: Security): string | null {
  const origin = asking.header("origin");
  return origin !== null && isTrustedForeigner(origin, asking.header("host"), security) ? origin : null;
}

export const isPreflight = (asking: Asking): boolean =>
  asking.method === "OPTIONS" && asking.header("access-control-request-method") !== null;

export const preflightAnswer = (): Response =>
  new Response(null, {
    status: 204,
    headers: {
      "Access-Control-Allow-Methods": "GET, POST, PATCH, DELETE",
      "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Last-Event-ID",
      "Access-Control-Max-Age": "600",
    },
  });

export function grant(response: Response, origin: string): Response {
  response.headers.set("Access-Control-Allow-Origin", origin);
  response.headers.set("Access-Control-Expose-Headers", "Location, Link, Retry-After");
  response.headers.append("Vary", "Origin");
  return response;
}
