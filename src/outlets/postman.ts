// Posts what one receiver is told, and says what came of it.
import { sentenceOf } from "../errors/runtime-error.ts";
import type { Clock } from "../lib/clock.ts";
import { NotPublic } from "../lib/public-lookup.ts";
import type { Webhooks as WebhookSettings } from "../settings/webhooks.ts";
import type { TaskRecord } from "../task/record.ts";
import type { Outcome } from "./delivery-queue.ts";
import { type Post, post } from "./guarded-post.ts";
import { letterOf, type Sender, type Told } from "./letter.ts";

export interface PostmanOptions {
  readonly clock: Clock;
  readonly settings: WebhookSettings;
  /** Signs what has no secret of its own. */
  readonly secret: string;
  readonly version: string;
  readonly tasks: {
    /** Null where it is not kept (any more). */
    recordOf(id: string): TaskRecord | null;
  };
  /** Default: the system's. */
  readonly lookup?: Post["lookup"];
}

export class Postman {
  readonly #options: PostmanOptions;
  readonly #goodbye = new AbortController();

  constructor(options: PostmanOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async send(told: Told): Promise<Outcome> {
    const { settings, lookup } = this.#options;
    try {
      const { status, retryAfterSeconds } = await post({
        ...letterOf(told, this.#taskOf(told), this.#sender(told)),
        url: told.url,
        timeoutMs: settings.timeout_seconds * 1000,
        allowPrivate: settings.allow_private,
        signal: this.#goodbye.signal,
        ...(lookup && { lookup }),
      });
      if (status >= 200 && status < 300) return { how: "delivered" };
      const problem = `it answered ${status}${status >= 300 && status < 400 ? ", and redirects are not followed" : ""}`;
      return { how: "failed", problem, isFinal: status === 410, retryAfterSeconds };
    } catch (error) {
      if (this.#goodbye.signal.aborted) return { how: "broken off" };
      const isFinal = error instanceof NotPublic;
      return { how: "failed", problem: sentenceOf(error), isFinal, retryAfterSeconds: null };
    }
  }

  /** Breaks off what is under way. */
  stop(): void {
    this.#goodbye.abort();
  }

  #taskOf({ record, task_id, fields }: Told): TaskRecord | null {
    return record ?? (task_id === null || fields ? null : this.#options.tasks.recordOf(task_id));
  }

  #sender({ from, url }: Told): Sender {
    const { clock, version, settings, secret } = this.#options;
    const hook = from === "settings" ? settings.hooks.find((one) => one.url === url) : undefined;
    return { version, secret: hook?.secret ?? secret, seconds: Math.floor(clock.now() / 1000) };
  }
}
