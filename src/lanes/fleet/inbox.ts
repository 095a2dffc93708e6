// Where one process hears the others: a stream in Redis that only it reads, in order, nothing left out while it is
// there. It has to be kept alive; once it is gone, whoever writes is told.
import { setTimeout as wait } from "node:timers/promises";
import type { Redis } from "ioredis";
import { sentenceOf } from "../../errors/runtime-error.ts";
import { deferred } from "../../lib/deferred.ts";
import type { Logger } from "../../lib/logger.ts";
import type { Letter } from "./messages.ts";

export interface InboxOptions {
  readonly key: string;
  /** For commands; reading has a connection of its own. */
  readonly redis: Redis;
  /** How long it outlives its reader, in milliseconds. */
  readonly lifeMs: number;
  readonly log: Logger;
  /** Never throws. */
  readonly onLetter: (letter: Letter<never>) => void;
}

const field = "m";
const atOnce = 200;
const longestWaitMs = 2000;
const afterErrorMs = 500;

/** Resolves with false where nobody reads it any more. Rejects only when the connection is closed. */
export type Post = (key: string, letter: Letter<unknown>) => Promise<boolean>;

export const postThrough =
  (redis: Redis): Post =>
  async (key, letter) =>
    (await redis.xadd(key, "NOMKSTREAM", "*", field, JSON.stringify(letter))) !== null;

/** One side's letters about one job. */
export class Correspondence {
  readonly #post: Post;
  readonly #job: string;
  #sent = 0;
  #heard = 0;

  constructor(post: Post, job: string) {
    this.#post = post;
    this.#job = job;
  }

  /** As `Post` does. */
  send(key: string, message: unknown): Promise<boolean> {
    return this.#post(key, { job: this.#job, number: ++this.#sent, message });
  }

  /** Whether it was not heard before. */
  isNew(number: number): boolean {
    if (number <= this.#heard) return false;
    this.#heard = number;
    return true;
  }
}

export class Inbox {
  readonly key: string;
  readonly #options: InboxOptions;
  readonly #reader: Redis;
  readonly #echoes = new Map<number, () => void>();
  #echoed = 0;
  #last = "0";
  #isClosed = false;
  #reading: Promise<void> = Promise.resolve();

  private constructor(options: InboxOptions) {
    this.key = options.key;
    this.#options = options;
    this.#reader = options.redis.duplicate();
    this.#reader.on("error", () => undefined); // the other connection tells of it
  }

  /** Resolves when it is there to be written to. */
  static async open(options: InboxOptions): Promise<Inbox> {
    const inbox = new Inbox(options);
    await inbox.stay();
    // A Redis that comes back may have forgotten it.
    options.redis.on("ready", inbox.#again);
    inbox.#reading = inbox.#read();
    return inbox;
  }

  /** Keeps it for `lifeMs` from now on; makes it anew where Redis has forgotten it. To be called more often than that. */
  async stay(): Promise<void> {
    const { redis, key, lifeMs } = this.#options;
    if ((await redis.pexpire(key, lifeMs)) === 1) return;
    this.#last = "0";
    // An entry that says nothing: a stream is not there without one.
    await redis.multi().xadd(key, "*", "", "").pexpire(key, lifeMs).exec();
  }

  readonly #again = (): void => {
    this.stay().catch((error: Error) => this.#complain(error, "the fleet's inbox could not be kept"));
  };

  /** Resolves when everything that was written before this call was heard. */
  async drained(): Promise<void> {
    const number = ++this.#echoed;
    const heard = deferred();
    this.#echoes.set(number, () => heard.resolve());
    const { redis, key } = this.#options;
    if ((await redis.xadd(key, "NOMKSTREAM", "*", "echo", String(number))) === null) heard.resolve();
    await heard.promise;
    this.#echoes.delete(number);
  }

  /** Whoever writes from now on is told that nobody reads; where Redis is away, once its life is over. */
  async close(): Promise<void> {
    const { redis } = this.#options;
    this.#isClosed = true;
    redis.off("ready", this.#again);
    for (const heard of this.#echoes.values()) heard();
    this.#reader.disconnect();
    if (redis.status === "ready") await redis.del(this.key);
    await this.#reading;
  }

  async #read(): Promise<void> {
    while (!this.#isClosed) {
      const read = await this.#reader
        .xread("COUNT", atOnce, "BLOCK", longestWaitMs, "STREAMS", this.key, this.#last)
        .catch((error: Error) => this.#complain(error, "the fleet's inbox could not be read"));
      const entries = read?.[0]?.[1] ?? [];
      for (const [, [name, value]] of entries) this.#hear(name, value);
      const ids = entries.map(([id]) => id);
      this.#last = ids.at(-1) ?? this.#last;
      if (ids.length > 0) void this.#takeOut(ids);
      if (read === undefined) await wait(afterErrorMs, undefined, { ref: false });
    }
  }

  async #takeOut(ids: readonly string[]): Promise<void> {
    await this.#options.redis
      .xdel(this.key, ...ids)
      .catch((error: Error) => this.#complain(error, "what was read could not be taken out of the inbox"));
  }

  #complain(error: Error, message: string): void {
    if (!this.#isClosed) this.#options.log.warn({ problem: sentenceOf(error), inbox: this.key }, message);
  }

  #hear(name: string | undefined, value = ""): void {
    if (name === "echo") this.#echoes.get(Number(value))?.();
    if (name !== field) return;
    try {
      this.#options.onLetter(JSON.parse(value));
    } catch (error) {
      this.#complain(error as Error, "a letter in the fleet's inbox could not be read");
    }
  }
}
