// One POST to an address that is checked where the connection is made: a name that changes its mind between the check
// and the connection gains nothing. Redirects are not followed, and what is answered is not kept.
import { lookup as systemLookup } from "node:dns";
import type { RequestOptions } from "node:http";
import { deferred } from "../lib/deferred.ts";
import { problemOfUrl } from "../lib/public-address.ts";
import { NotPublic, publicLookup } from "../lib/public-lookup.ts";

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
  /** Default: the system's. */
  readonly lookup?: typeof systemLookup;
}

export interface Answered {
  readonly status: number;
  /** As the receiver wishes it; null where it says nothing. */
  readonly retryAfterSeconds: number | null;
}

/** As much of an answer as is read before the connection is cut. */
const longestAnswer = 64 * 1024;

/** @throws NotPublic, or why no answer came */
export async function post(options: Post): Promise<Answered> {
  const { url, headers, body, timeoutMs, allowPrivate, lookup = systemLookup } = options;
  // Node looks up names only: an address that is written in digits goes past `lookup`.
  const problem = problemOfUrl(url, allowPrivate);
  if (problem !== null) throw new NotPublic(`the address ${problem}`);
  const { request } = url.startsWith("https:") ? await import("node:https") : await import("node:http");
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeoutMs);
  // Not AbortSignal.any: on Node 20 the long-lived signal keeps every request that was ever made.
  const breakOff = (): void => abort.abort();
  options.signal.addEventListener("abort", breakOff);
  const answered = deferred<Answered>();
  const requestOptions: RequestOptions = {
    method: "POST",
    headers: { ...headers, "Content-Length": String(Buffer.byteLength(body)), Connection: "close" },
    agent: false,
    lookup: allowPrivate ? lookup : publicLookup(lookup),
    signal: abort.signal,
  };
  const sent = request(url, requestOptions, (response) => {
    let length = 0;
    response.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > longestAnswer) response.destroy();
    });
    response.on("error", () => "the answer's head has said all there is to know");
    answered.resolve({
      status: response.statusCode ?? 0,
      retryAfterSeconds: secondsIn(response.headers["retry-after"]),
    });
  });
  sent.on("error", (error) =>
    answered.reject(abort.signal.aborted && !options.signal.aborted ? tooSlow(timeoutMs) : error),
  );
  sent.on("close", () => {
    clearTimeout(timer);
    options.signal.removeEventListener("abort", breakOff);
  });
  sent.end(body);
  return answered.promise;
}

const tooSlow = (timeoutMs: number): Error => new Error(`no answer within ${timeoutMs / 1000} seconds`);

/** Only the form in seconds: a date would be held against a clock that may be wrong. */
const secondsIn = (header: string | undefined): number | null =>
  header !== undefined && /^\d{1,6}$/.test(header.trim()) ? Number(header) : null;
