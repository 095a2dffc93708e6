// Tells receivers over HTTP what happens: those an owner names in settings/webhooks.json, and those a task brings.
// What waits is written down, so that it is sent after a restart too.
import { sentenceOf } from "../errors/runtime-error.ts";
import type { EventInput, NumberedEvent } from "../events/catalogue.ts";
import { isoTime } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { machineHookEvents, taskHookEvents } from "../settings/webhooks.ts";
import type { Status } from "../task/lifecycle.ts";
import type { TaskRecord, WebhookRequest } from "../task/record.ts";
import { DeadReceivers } from "./dead-receivers.ts";
import { type Delivery, DeliveryQueue, type Outcome } from "./delivery-queue.ts";
import { idOf, shown, type Told } from "./letter.ts";
import { Postman, type PostmanOptions } from "./postman.ts";
import type { WaitingDocument, WaitingHooks } from "./waiting.ts";
import { WaitingWriter } from "./waiting-writer.ts";

/** As much of the engine as is told about. */
export interface HookedTasks {
  /** Null where it is not kept (any more). */
  recordOf(id: string): TaskRecord | null;
  /** What was asked for with the submit; empty for most. */
  webhooksOf(id: string): readonly WebhookRequest[];
  /** What ended or was interrupted at that time or later. */
  endedSince(time: string): readonly TaskRecord[];
}

export interface WebhooksOptions extends PostmanOptions {
  readonly log: Logger;
  readonly random: () => number;
  readonly tasks: HookedTasks;
  readonly subscribe: (listener: (event: NumberedEvent) => void) => () => void;
  readonly publish: (event: EventInput) => void;
  readonly document: WaitingDocument;
}

export interface WebhookFigures {
  readonly waiting: number;
  readonly delivered: number;
  readonly failed: number;
  readonly dead: number;
}

const recordsLagMs = 5000;
/** At a shutdown: how long what is under way may take. */
const longestGoodbyeMs = 1000;

const taskEvents: ReadonlySet<string> = new Set(taskHookEvents);
const machineEvents: ReadonlySet<string> = new Set(machineHookEvents);

const eventOfStatus: Partial<Record<Status, (typeof taskHookEvents)[number]>> = {
  completed: "task_completed",
  failed: "task_failed",
  cancelled: "task_cancelled",
  interrupted: "task_interrupted",
};

export class Webhooks {
  readonly #options: WebhooksOptions;
  readonly #queue: DeliveryQueue<Told>;
  readonly #writer: WaitingWriter<WaitingHooks>;
  readonly #postman: Postman;
  readonly #dead = new DeadReceivers();
  #figures = { delivered: 0, failed: 0, dead: 0 };
  #unsubscribe: () => void = () => undefined;

  private constructor(options: WebhooksOptions) {
    this.#options = options;
    const { clock, random, settings } = options;
    this.#postman = new Postman(options);
    this.#queue = new DeliveryQueue<Told>({
      clock,
      random,
      maxAttempts: settings.max_attempts,
      firstRetryMs: settings.first_retry_seconds * 1000,
      send: (told) => this.#send(told),
      delivered: ({ url }) => {
        this.#figures.delivered++;
        this.#dead.remove(url);
      },
      givenUp: (told, problem) => this.#giveUp(told, problem),
      changed: () => this.#writer.note(),
    });
    this.#writer = new WaitingWriter({
      ...options,
      waiting: () => this.#waiting(false),
      what: "webhooks",
      betweenWritesMs: 100,
    });
  }

  /** Goes on with what waited; whatever happens from then on is told. @throws STORE_UNAVAILABLE */
  static async open(options: WebhooksOptions): Promise<Webhooks> {
    const webhooks = new Webhooks(options);
    const { as_of, is_whole, waiting } = options.document.data;
    for (const told of waiting) if (webhooks.#isStillWanted(told)) webhooks.#queue.add(told);
    const known = new Set(waiting.map(({ id }) => id));
    // What ended in the moment before the power went, and was not yet written down. A record may be a little older than
    // the event that tells of it.
    const since = as_of === null || is_whole ? null : isoTime(Date.parse(as_of) - recordsLagMs);
    for (const record of since === null ? [] : options.tasks.endedSince(since)) {
      const type = eventOfStatus[record.status];
      if (type && !known.has(idOf(record, type))) webhooks.#tellOf(record, type);
    }
    webhooks.#unsubscribe = options.subscribe((event) => webhooks.#hear(event));
    await options.document.update(() => webhooks.#waiting(false));
    return webhooks;
  }

  get figures(): WebhookFigures {
    return { waiting: this.#queue.size, ...this.#figures };
  }

  /** What an owner should look at, or null. */
  get problem(): string | null {
    return this.#dead.problem;
  }

  /** What is under way may end; the rest is sent after the next start. */
  async close(): Promise<void> {
    this.#unsubscribe();
    const { clock, log, document } = this.#options;
    const late = clock.after(longestGoodbyeMs, () => this.#postman.stop());
    await this.#queue.close();
    late.cancel();
    await this.#writer.close();
    await document
      .update(() => this.#waiting(true))
      .catch((error: unknown) =>
        log.warn({ problem: sentenceOf(error) }, "waiting webhooks were not written"),
      );
  }

  #hear(event: NumberedEvent): void {
    const { type, task_id, timestamp, seq, ...fields } = event;
    if (taskEvents.has(type) && task_id !== null) {
      const record = this.#options.tasks.recordOf(task_id);
      if (record) this.#tellOf(record, type as (typeof taskHookEvents)[number]);
    } else if (machineEvents.has(type)) {
      const told = { id: `${type}.${seq}`, type, task_id, timestamp, fields };
      for (const { url, events } of this.#options.settings.hooks)
        if (events.some((one) => one === type)) this.#tell({ ...told, url, from: "settings" });
    }
  }

  #tellOf(record: TaskRecord, type: (typeof taskHookEvents)[number]): void {
    const { settings, tasks } = this.#options;
    const id = idOf(record, type);
    const told = { id, type, task_id: record.id, timestamp: record.updated_at, fields: null, record };
    for (const hook of settings.hooks) {
      const isMeant = hook.tasks?.some((name) => name === record.task || name === record.action) ?? true;
      if (isMeant && hook.events.includes(type)) this.#tell({ ...told, url: hook.url, from: "settings" });
    }
    for (const { url, events } of tasks.webhooksOf(record.id))
      if (events.includes(type)) this.#tell({ ...told, url, from: "submit" });
  }

  #tell(told: Omit<Told, "attempts" | "not_before">): void {
    const whole = { ...told, attempts: 0, not_before: null };
    const { max_waiting } = this.#options.settings;
    if (this.#queue.size < max_waiting) this.#queue.add(whole);
    else this.#giveUp(whole, `${max_waiting} others wait already`);
  }

  /** An owner may have taken a receiver out of the settings. */
  #isStillWanted({ from, url }: Delivery): boolean {
    return from === "submit" || this.#options.settings.hooks.some((hook) => hook.url === url);
  }

  async #send(told: Told): Promise<Outcome> {
    const outcome = await this.#postman.send(told);
    if (outcome.how === "failed") this.#figures.failed++;
    return outcome;
  }

  #giveUp({ id, url, type, task_id, attempts }: Told, problem: string): void {
    const { log, publish } = this.#options;
    this.#figures.dead++;
    const receiver = shown(url);
    this.#dead.add(url, problem);
    log.error({ url: receiver, event: type, task: task_id, attempts, problem }, "a webhook was given up");
    publish({ type: "webhook_dead", task_id, url: receiver, event: type, event_id: id, attempts, problem });
  }

  #waiting(is_whole: boolean): WaitingHooks {
    const waiting = Array.from(this.#queue.waiting(), ({ record: _, ...delivery }) => delivery);
    return { as_of: isoTime(this.#options.clock.now()), is_whole, waiting };
  }
}
