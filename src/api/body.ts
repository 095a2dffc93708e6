// Reads a JSON body within limits: type, size (also without Content-Length), encoding, depth, syntax; in that order.
import { isUtf8 } from "node:buffer";
import { RuntimeError } from "../errors/runtime-error.ts";
import type { Asking } from "./asking.ts";

export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly maxBodyDepth: number;
}

const jsonType = /^application\/(?:[\w.-]+\+)?json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?$/i;

/**
 * @returns what the body says, or `undefined` where there is none
 * @throws UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, BODY_TOO_DEEP, MALFORMED_JSON
 */
export function readJson(asking: Asking, limits: BodyLimits): Promise<unknown> | undefined {
  const type = asking.header("content-type");
  if (type !== "application/json") {
    if (type === null && isEmpty(asking)) return undefined;
    if (!jsonType.test(type ?? "")) throw new RuntimeError("UNSUPPORTED_MEDIA_TYPE", { found: type ?? "" });
  }
  const encoding = asking.header("content-encoding");
  if (encoding !== null && encoding !== "identity")
    throw new RuntimeError("UNSUPPORTED_MEDIA_TYPE", { found: `${type} as ${encoding}` });
  return asking.body(limits.maxBodyBytes).then((bytes) => jsonIn(bytes, limits));
}

function jsonIn(bytes: Buffer, limits: BodyLimits): unknown {
  if (bytes.length === 0) return undefined;
  const text = bytes.toString("utf8");
  // What is no UTF-8 has become this character, which may also have been sent.
  if (text.includes("\ufffd") && !isUtf8(bytes))
    throw new RuntimeError("MALFORMED_JSON", { problem: "it is not UTF-8" });
  return parseJson(text, limits.maxBodyDepth);
}

const isEmpty = (asking: Asking): boolean =>
  Number(asking.header("content-length")) === 0 && asking.header("transfer-encoding") === null;

/** @throws BODY_TOO_DEEP before anything recursive sees it, MALFORMED_JSON, INVALID_REQUEST for `__proto__` */
export function parseJson(text: string, maxDepth: number): unknown {
  if (isDeeper(text, maxDepth)) throw new RuntimeError("BODY_TOO_DEEP", { limit: maxDepth });
  const value = parsed(text);
  if (/__proto__|\\u00/.test(text)) refuseProto(value, "");
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RuntimeError("MALFORMED_JSON", {
      problem: error instanceof Error ? error.message : "unreadable",
    });
  }
}

const proto = "__proto__";

/** Maps of any key (parameters, metadata, settings) would drop this one without a word. */
function refuseProto(value: unknown, path: string): void {
  if (typeof value !== "object" || value === null) return;
  const at = (key: string): string => (path === "" ? key : `${path}.${key}`);
  if (Object.hasOwn(value, proto))
    throw new RuntimeError("INVALID_REQUEST", {
      errors: [{ path: at(proto), message: "no key may be called __proto__" }],
    });
  for (const [key, below] of Object.entries(value)) refuseProto(below, at(key));
}

const quote = 0x22;
const backslash = 0x5c;

function isDeeper(text: string, maxDepth: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      for (at++; at < text.length && text.charCodeAt(at) !== quote; at++)
        if (text.charCodeAt(at) === backslash) at++;
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) return true;
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
  return false;
}
