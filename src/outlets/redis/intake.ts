// Makes tasks of messages, as many at a time as may wait, and answers those that become none.
import { randomUUID } from "node:crypto";
import type { Idempotency, SubmitRequest } from "../../engine/requests.ts";
import { isRuntimeError, RuntimeError } from "../../errors/runtime-error.ts";
import { type Clock, isoTime } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { RedisSettings, Subscription } from "../../settings/redis.ts";
import { hasEnded } from "../../task/lifecycle.ts";
import type { TaskRecord } from "../../task/record.ts";
import { failureOf, refusalOf } from "./answer.ts";

/** A message that could be read. */
export interface Message {
  /** With the channel among them. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** @throws INVALID_REQUEST */
  wish(): { readonly request: SubmitRequest; readonly idempotency: Idempotency | undefined };
}

export type ReadMessage = (bytes: Buffer, subscription: Subscription) => Message;

export interface IntakeOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: RedisSettings;
  /** @throws MALFORMED_JSON and the like, BODY_TOO_LARGE */
  readonly read: ReadMessage;
  readonly submit: (request: SubmitRequest, idempotency: Idempotency | undefined) => Promise<TaskRecord>;
  /** How many tasks are pending. */
  readonly pending: () => number;
  /** An earlier message with the same key was its task, and that has ended. */
  readonly endedBefore: (id: string) => void;
  /** Called where many are refused one after the other: the tasks need the time, too. */
  readonly rest: () => void;
  /** Tells whoever listens why a message became no task. */
  readonly answer: (channel: string, text: string) => Promise<unknown>;
}

const betweenLinesMs = 1000;
/** Refusals on their way to Redis; beyond it they are in the log alone. */
const mostAnswers = 1000;
const betweenRests = 50;

export class Intake {
  readonly #options: IntakeOptions;
  readonly #subscriptions: ReadonlyMap<string, Subscription>;
  readonly #inHand = new Set<Promise<void>>();
  /** On their way to the disk. */
  #submitting = 0;
  #answers = 0;
  #accepted = 0;
  #refused = 0;
  #lastLine = Number.NEGATIVE_INFINITY;
  #unlogged = 0;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#subscriptions = new Map(options.settings.subscriptions.map((one) => [one.channel, one]));
  }

  get figures(): { readonly accepted: number; readonly refused: number } {
    return { accepted: this.#accepted, refused: this.#refused };
  }

  hear(channel: string, bytes: Buffer): void {
    const subscription = this.#subscriptions.get(channel);
    if (!subscription) return;
    const work = this.#take(subscription, bytes).finally(() => this.#inHand.delete(work));
    this.#inHand.add(work);
  }

  /** Resolves when each message it has heard is a task, or refused. */
  async settled(): Promise<void> {
    await Promise.all(this.#inHand);
  }

  /** Never rejects. */
  async #take(subscription: Subscription, bytes: Buffer): Promise<void> {
    const { read, submit, endedBefore } = this.#options;
    let metadata: Message["metadata"] = { message_source: subscription.channel };
    try {
      const message = read(bytes, subscription);
      metadata = message.metadata;
      this.#refuseTooMany();
      const { request, idempotency } = message.wish();
      this.#submitting++;
      const { id, status } = await submit(request, idempotency).finally(() => this.#submitting--);
      this.#accepted++;
      if (hasEnded(status)) endedBefore(id);
    } catch (error) {
      this.#refused++;
      this.#refuse(subscription, metadata, error);
    }
  }

  /** Redis cannot be told to wait: who sends more than the machine takes is told so. */
  #refuseTooMany(): void {
    const { pending, settings } = this.#options;
    const waiting = pending() + this.#submitting;
    if (waiting >= settings.max_pending)
      throw new RuntimeError("TOO_MANY_PENDING", { waiting, limit: settings.max_pending });
  }

  #refuse({ channel, results_channel }: Subscription, metadata: Message["metadata"], error: unknown): void {
    const { clock, log, answer, rest } = this.#options;
    if (this.#refused % betweenRests === 0) rest();
    const requestId = randomUUID();
    const failure = failureOf(error, requestId);
    if (!isRuntimeError(error)) log.error({ err: error, request_id: requestId, channel }, "a message failed");
    const now = clock.monotonic();
    if (now - this.#lastLine >= betweenLinesMs) {
      const others = this.#unlogged > 0 ? { others_before: this.#unlogged } : {};
      log.warn(
        { channel, code: failure.code, problem: failure.message, ...others },
        "a message became no task",
      );
      this.#lastLine = now;
      this.#unlogged = 0;
    } else this.#unlogged++;
    if (results_channel === null || this.#answers >= mostAnswers) return;
    this.#answers++;
    answer(results_channel, JSON.stringify(refusalOf(failure, metadata, isoTime(clock.now()))))
      // Whoever asked is not reached; the log has it, and the check says that Redis is away.
      .catch((problem: unknown) => log.debug({ channel, err: problem }, "a refusal was not published"))
      .finally(() => this.#answers--);
  }
}
