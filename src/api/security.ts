// Who may ask: Host against rebinding, Origin on writes and upgrades, the token. Knows no route.
import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import { RuntimeError } from "../errors/runtime-error.ts";
import type { Asking } from "./asking.ts";

export interface Security {
  /** Null where nobody needs one: on loopback, or where the owner wrote auth "none". */
  readonly token: string | null;
  /** Names besides the bound address and localhost, without port. */
  readonly allowedHosts: readonly string[];
  /** Origins of foreign pages that may write, as in `https://lab.example`. */
  readonly allowedOrigins: readonly string[];
  /** The address the server was told to listen on. */
  readonly boundHost: string;
}

const wildcards = new Set(["0.0.0.0", "::", "[::]", ""]);
const reads = new Set(["GET", "HEAD", "OPTIONS"]);
/**
 * What a browser or a probe must see before it can send a token; nothing of it is about this machine. Plain names
 * only: the router reads `..` and `%2e` as steps, and would lead elsewhere than this says.
 */
const openPaths = /^\/(health\/live|docs(\/[\w-]+(\.[\w-]+)*)?)\/?$/;
/** What somebody at the machine may do without looking for a token: the emergency stop. */
const isStopFromHere = (asking: Asking): boolean =>
  asking.method === "POST" &&
  asking.path === "/stop" &&
  /^(127\.|::1$)/.test(bare(asking.remoteAddress ?? "")) &&
  // A proxy on this machine speaks for somebody who is elsewhere.
  asking.header("forwarded") === null &&
  asking.header("x-forwarded-for") === null;
export const tokenProtocol = "armature.token.";

/** Why the request is refused, or null. */
export function refuse(asking: Asking, security: Security): RuntimeError | null {
  const host = asking.header("host");
  if (!isOurs(host, asking.localAddress, security)) return new RuntimeError("HOST_REFUSED", { host });
  const origin = asking.header("origin");
  if (origin !== null && (asking.isUpgrade || !reads.has(asking.method)) && !mayWrite(origin, host, security))
    return new RuntimeError("ORIGIN_REFUSED", { origin });
  if (security.token === null || openPaths.test(asking.path) || isStopFromHere(asking)) return null;
  return isToken(tokenOf(asking), security.token) ? null : new RuntimeError("TOKEN_REQUIRED");
}

/** True for a page that is not our own and that the owner trusts. */
export const isTrustedForeigner = (origin: string, host: string | null, security: Security): boolean =>
  !isSameOrigin(origin, host) && security.allowedOrigins.includes(origin);

const mayWrite = (origin: string, host: string | null, security: Security): boolean =>
  isSameOrigin(origin, host) || security.allowedOrigins.includes(origin);

const isSameOrigin = (origin: string, host: string | null): boolean =>
  host !== null && origin.replace(/^https?:\/\//, "") === host;

function isOurs(host: string | null, localAddress: string | undefined, security: Security): boolean {
  if (host === null) return false;
  const name = nameOf(host).toLowerCase();
  const { boundHost } = security;
  if (name === "localhost" || name === boundHost || name === bare(boundHost)) return true;
  if (security.allowedHosts.some((allowed) => allowed.toLowerCase() === name)) return true;
  if (isIP(name) === 0) return false;
  // A page cannot make a browser send an address as Host unless that address served it: rebinding needs a name.
  return wildcards.has(boundHost) || name === bare(localAddress ?? "");
}

/** `[::1]:8000` -> `::1` */
function nameOf(host: string): string {
  if (host.startsWith("[")) return host.slice(1, host.indexOf("]"));
  const colon = host.lastIndexOf(":");
  return colon === -1 ? host : host.slice(0, colon);
}

const bare = (address: string): string => address.replace(/^\[|\]$/g, "").replace(/^::ffff:(?=\d+\.)/, "");

/** Browsers cannot set headers on a WebSocket: there the token travels as a subprotocol. */
function tokenOf(asking: Asking): string {
  const bearer = /^Bearer +(.+)$/i.exec(asking.header("authorization") ?? "")?.[1];
  if (bearer !== undefined || !asking.isUpgrade) return bearer ?? "";
  const protocols = (asking.header("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  return protocols.find((name) => name.startsWith(tokenProtocol))?.slice(tokenProtocol.length) ?? "";
}

/** Compares digests, so that neither content nor length can be told from the time it takes. */
const isToken = (given: string, token: string): boolean => timingSafeEqual(digest(given), digest(token));

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
