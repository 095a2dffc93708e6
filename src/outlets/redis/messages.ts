// Messages of Redis become tasks, and their ends are published: two connections, because one that listens says nothing.
import type { Redis } from "ioredis";
import { isRuntimeError, sentenceOf } from "../../errors/runtime-error.ts";
import { Connection, loadRedis } from "./connection.ts";
import { Intake, type IntakeOptions, type ReadMessage } from "./intake.ts";
import { type AnsweredTasks, Results, type ResultsOptions } from "./results.ts";

export interface MessagesOptions
  extends Pick<IntakeOptions, "clock" | "log" | "settings" | "submit" | "pending">,
    Pick<ResultsOptions, "subscribe" | "document"> {
  readonly url: string;
  /** 0 <= n < 1 */
  readonly random: () => number;
  readonly tasks: AnsweredTasks;
  /** Whether there is such a task type, with or without `_task`. */
  readonly knows: (task: string) => boolean;
}

export interface MessageFigures {
  readonly isConnected: boolean;
  readonly accepted: number;
  readonly refused: number;
  readonly published: number;
  readonly waiting: number;
}

const longestGoodbyeMs = 1000;
/** What is refused at a time comes as one chunk of the socket, up to 64 KiB: about as long. */
const restMs = 100;

export class Messages {
  readonly #options: MessagesOptions;
  readonly #results: Results;
  #intake: Intake | null = null;
  #connections: readonly Connection[] = [];
  /** Why there is no connection at all. */
  #missing: string | null = null;
  #isClosed = false;

  private constructor(options: MessagesOptions, results: Results) {
    this.#options = options;
    this.#results = results;
  }

  /** Whatever ends from then on is remembered; nothing connects before `begin`. @throws STORE_UNAVAILABLE */
  static async open(options: MessagesOptions): Promise<Messages> {
    const { subscriptions } = options.settings;
    return new Messages(options, await Results.open({ ...options, subscriptions }));
  }

  /** Connects, in its own time: nobody waits for Redis. */
  begin(read: ReadMessage): void {
    this.#missing = "Redis is not reached yet";
    this.#connect(read).catch((error: unknown) => {
      this.#missing = isRuntimeError(error) ? `${error.message}. ${error.remediation}` : sentenceOf(error);
      this.#options.log.error({ problem: this.#missing }, "no messages are taken from Redis");
    });
  }

  /** What an owner should look at, or null. */
  get problem(): string | null {
    const { settings, knows } = this.#options;
    const unknown = settings.subscriptions.filter(({ task }) => !knows(task));
    const problems = [
      this.#missing,
      this.#connections.map(({ problem }) => problem).find((problem) => problem !== null) ?? null,
      this.#results.problem,
      ...unknown.map(({ channel, task }) => `'${channel}' is for '${task}', and there is no such task type`),
    ];
    return problems.filter((problem) => problem !== null).join("; ") || null;
  }

  get figures(): MessageFigures {
    const { accepted = 0, refused = 0 } = this.#intake?.figures ?? {};
    const isConnected =
      this.#connections.length > 0 && this.#connections.every(({ problem }) => problem === null);
    const { published, waiting } = this.#results;
    return { isConnected, accepted, refused, published, waiting };
  }

  /** Messages are refused by then: the tasks have closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const [listening] = this.#connections;
    listening?.close();
    await this.#intake?.settled();
    await this.#results.close(longestGoodbyeMs);
    for (const connection of this.#connections) connection.close();
  }

  async #connect(read: ReadMessage): Promise<void> {
    const Redis = await loadRedis();
    if (this.#isClosed) return;
    const { settings } = this.#options;
    const publishing = new Connection({
      ...this.#options,
      Redis,
      purpose: "publishes results",
      onReady: async (client) => this.#results.publishWith((channel, text) => client.publish(channel, text)),
    });
    publishing.client.on("close", () => this.#results.publishWith(null));
    const intake = new Intake({
      ...this.#options,
      read,
      rest: () => listening.rest(restMs),
      endedBefore: (id) => this.#results.owe(id),
      answer: (channel, text) => publishing.client.publish(channel, text),
    });
    const listening = new Connection({
      ...this.#options,
      Redis,
      purpose: "takes messages",
      onReady: (client) => subscribe(client, settings.subscriptions),
    });
    listening.client.on("messageBuffer", (channel: Buffer, bytes: Buffer) => {
      listening.hear();
      intake.hear(channel.toString(), bytes);
    });
    this.#intake = intake;
    this.#connections = [listening, publishing];
    this.#missing = null;
    for (const connection of this.#connections) connection.open();
  }
}

async function subscribe(
  client: Redis,
  subscriptions: readonly { readonly channel: string }[],
): Promise<void> {
  await client.subscribe(...subscriptions.map(({ channel }) => channel));
}
