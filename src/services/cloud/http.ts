// One HTTP request whose bytes are counted: http and https only, with a limit for how long nothing moves. Knows no cloud.
import type { lookup as systemLookup } from "node:dns";
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders, RequestOptions } from "node:http";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { deferred } from "../../lib/deferred.ts";
import { problemOfUrl } from "../../lib/public-address.ts";
import { NotPublic, publicLookup } from "../../lib/public-lookup.ts";

export interface Sending {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: { readonly bytes: number; open(): Readable; onBytes(count: number): void };
  /** How long nothing may move, in either direction. */
  readonly idleMs: number;
  readonly allowPrivate: boolean;
  readonly signal?: AbortSignal;
  readonly lookup?: typeof systemLookup;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
  /** Closes the connection, whatever is still under way on it. Twice without harm. */
  close(): void;
}

/** Of an answer that is read as a text. */
const longestText = 1024 * 1024;

/**
 * Resolves with the head of the answer, which may come before the body has left; whoever gets it closes it.
 * @throws NotPublic, or why no answer came; where the signal is aborted whatever comes first
 */
export async function send(sending: Sending): Promise<Answer> {
  const { method, url, headers, body, idleMs, allowPrivate, signal, lookup } = sending;
  const problem = problemOfUrl(url, allowPrivate);
  if (problem !== null) throw new NotPublic(`the address ${problem}`);
  const { request } = url.startsWith("https:") ? await import("node:https") : await import("node:http");
  signal?.throwIfAborted();
  const options: RequestOptions = {
    method,
    headers: { ...headers, ...(body && { "Content-Length": body.bytes }), Connection: "close" },
    agent: false,
    timeout: idleMs,
    ...(signal && { signal }),
    ...(allowPrivate ? lookup && { lookup } : { lookup: publicLookup(lookup) }),
  };
  const answer = deferred<Answer>();
  const sent = request(url, options, (response) => {
    const close = (): void => {
      response.on("error", () => "nobody reads it any more");
      sent.destroy();
    };
    answer.resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response, close });
  });
  sent.on("timeout", () => sent.destroy(new Stalled(`nothing moved for ${idleMs / 1000} seconds`)));
  sent.on("error", (error) => answer.reject(error));
  if (body) pipeline(body.open(), counted(body.onBytes), sent).catch((error) => answer.reject(error));
  else sent.end();
  return answer.promise;
}

/** Nothing came or went for too long. */
export class Stalled extends Error {
  override readonly name = "Stalled";
  readonly code = "ETIMEDOUT";
}

/** The body as a text, and the connection closed. @throws Error where it is longer than a megabyte, or cut short */
export async function textOf({ body, close }: Answer): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > longestText) throw new Error("the answer is longer than a megabyte");
      chunks.push(chunk);
    }
  } finally {
    close();
  }
  return Buffer.concat(chunks).toString();
}

/** Passes bytes on, and says how many they are. */
export const counted = (onBytes: (count: number) => void): Transform =>
  new Transform({
    transform(chunk: Buffer, _, next) {
      onBytes(chunk.length);
      next(null, chunk);
    },
  });
