// One connection to Redis that comes back by itself. Nothing waits in it: what is sent while it is away fails at once.
import type { Redis } from "ioredis";
import { RuntimeError, sentenceOf } from "../../errors/runtime-error.ts";
import { type Clock, isoTime, type Timer } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { shownRedisUrl } from "../../settings/redis.ts";

export type RedisClass = typeof Redis;

/** @throws OPTIONAL_PACKAGE_MISSING */
export async function loadRedis(): Promise<RedisClass> {
  try {
    return (await import("ioredis")).Redis;
  } catch (cause) {
    throw new RuntimeError(
      "OPTIONAL_PACKAGE_MISSING",
      { name: "ioredis", problem: problemIn(cause) },
      { cause },
    );
  }
}

export interface ConnectionOptions {
  readonly url: string;
  readonly Redis: RedisClass;
  readonly clock: Clock;
  readonly log: Logger;
  /** 0 <= n < 1 */
  readonly random: () => number;
  /** What it is for, as in "takes messages". */
  readonly purpose: string;
  /** Each time it is there again; where it rejects the connection is no good. */
  readonly onReady: (client: Redis) => Promise<void>;
}

const notYet = "is not reached yet";
const closed = "the connection was closed";
const [shortestPauseMs, longestPauseMs] = [100, 30_000];
/** A peer that went without a word is noticed after the two together. */
const [betweenBeatsMs, longestAnswerMs] = [15_000, 10_000];

export class Connection {
  readonly client: Redis;
  readonly #options: ConnectionOptions;
  #problem: string | null = notYet;
  #since: number;
  #beat: Timer | null = null;
  #rest: Timer | null = null;
  #heard = 0;
  /** Since it last held for a while: one that comes and goes is tried ever more rarely. */
  #attempts = 0;
  #isClosed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { url, Redis, clock, random } = options;
    this.#since = clock.now();
    this.client = new Redis(url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      // Its own promise is nobody's, and a refusal would end the process.
      autoResubscribe: false,
      disableClientInfo: true,
      // A peer that does not answer does not say goodbye either.
      disconnectTimeout: 200,
      keepAlive: betweenBeatsMs,
      retryStrategy: () =>
        Math.min(longestPauseMs, shortestPauseMs * 2 ** this.#attempts++) * (0.5 + random() / 2),
    });
    // Where somebody takes the connection and says nothing, ioredis waits for ever.
    this.client.on("connect", () => this.#later(longestAnswerMs, () => this.#giveUp()));
    this.client.on("ready", () => void this.#begin());
    this.client.on("error", (error) => this.#fail(problemIn(error)));
    // Some failures of a connection that was not there yet ioredis takes for final.
    this.client.on("end", () => this.#later(longestPauseMs, () => this.open()));
    this.client.on("close", () => {
      this.#beat?.cancel();
      this.#fail(closed);
    });
  }

  /** Resolves at once; whether it is there says `problem`. */
  open(): void {
    this.client.connect().catch((error: unknown) => this.#fail(problemIn(error)));
  }

  /** Null while it works. */
  get problem(): string | null {
    if (this.#problem === null) return null;
    return `${shownRedisUrl(this.#options.url)} ${this.#problem}, since ${isoTime(this.#since)}; it is tried again`;
  }

  /** Something came: it lives, even where its answer to a question stands far behind. */
  hear(): void {
    this.#heard++;
  }

  /** Reads nothing for so long. What comes meanwhile waits in Redis, which bears that up to its own limit. */
  rest(ms: number): void {
    const { stream } = this.client;
    if (this.#rest || !stream) return;
    stream.pause();
    this.#rest = this.#options.clock.after(ms, () => {
      this.#rest = null;
      stream.resume();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#beat?.cancel();
    this.#rest?.cancel();
    this.client.disconnect();
  }

  async #begin(): Promise<void> {
    const { log, url, purpose, onReady } = this.#options;
    try {
      await onReady(this.client);
    } catch (error) {
      this.#fail(problemIn(error));
      // Where the connection is gone it comes back by itself; else it was refused, and may be allowed later.
      if (this.client.status === "ready") this.#later(longestPauseMs, () => void this.#begin());
      return;
    }
    this.#problem = null;
    log.info({ redis: shownRedisUrl(url), purpose }, "Redis is there");
    this.#later(betweenBeatsMs, () => void this.#check());
  }

  async #check(): Promise<void> {
    const heard = this.#heard;
    const late = this.#options.clock.after(longestAnswerMs, () => {
      if (heard === this.#heard) this.#giveUp();
      else this.#later(betweenBeatsMs, () => void this.#check());
    });
    try {
      await this.client.ping().catch((error: Error) => {
        // Who may not ask is answered, too.
        if (error.name !== "ReplyError") throw error;
      });
      this.#attempts = 0;
      this.#later(betweenBeatsMs, () => void this.#check());
    } catch (error) {
      this.#fail(problemIn(error));
    } finally {
      late.cancel();
    }
  }

  /** It comes back by itself. */
  #giveUp(): void {
    if (this.#isClosed) return;
    this.#fail(`no answer within ${longestAnswerMs / 1000} seconds`);
    this.client.disconnect(true);
  }

  #later(ms: number, work: () => void): void {
    this.#beat?.cancel();
    if (!this.#isClosed) this.#beat = this.#options.clock.after(ms, work);
  }

  /** The first word on it says most: that the connection is closed follows any failure. */
  #fail(problem: string): void {
    if (this.#isClosed) return;
    const { log, url, purpose, clock } = this.#options;
    if (this.#problem === null || this.#problem === notYet) {
      if (this.#problem === null) this.#since = clock.now();
      log.warn({ redis: shownRedisUrl(url), purpose, problem }, "Redis is not there; it is tried again");
    } else if (problem === closed) return;
    this.#problem = `does not work (${problem})`;
  }
}

/** Only its words: what ioredis throws carries the command, and with AUTH the password. */
export function problemIn(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return sentenceOf(first).split("\n", 1)[0] ?? "";
}
