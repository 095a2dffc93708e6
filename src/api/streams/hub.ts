// Tells everybody who listens what happens. Nothing in here waits for anybody.

import { RuntimeError } from "../../errors/runtime-error.ts";
import type { NumberedEvent } from "../../events/catalogue.ts";
import type { ApiParts } from "../parts.ts";
import { Client } from "./client.ts";
import type { Feed } from "./feed.ts";
import { closeCodes, type Sink } from "./frame.ts";

const defaults = { maxStreams: 200, maxWaitingMessages: 1000, maxWaitingBytes: 4 * 1024 * 1024 };

export class Hub {
  readonly #parts: Pick<ApiParts, "events" | "clock" | "limits">;
  readonly #clients = new Map<Client, Feed>();
  #leave: (() => void) | null = null;
  #closed = false;

  constructor(parts: Pick<ApiParts, "events" | "clock" | "limits">) {
    this.#parts = parts;
  }

  /** @throws SHUTTING_DOWN, TOO_MANY_STREAMS */
  admit(): void {
    if (this.#closed) throw new RuntimeError("SHUTTING_DOWN");
    const limit = this.#parts.limits.maxStreams ?? defaults.maxStreams;
    if (this.#clients.size >= limit) throw new RuntimeError("TOO_MANY_STREAMS", { limit });
  }

  get size(): number {
    return this.#clients.size;
  }

  /** No gap and no duplicate: what the opening contains ends where the live events begin. */
  attach(feed: Feed, sink: Sink, since: number | null): Client {
    const { events, clock, limits } = this.#parts;
    this.#leave ??= events.subscribe((event) => this.#tell(event));
    const { maxWaitingMessages, maxWaitingBytes } = defaults;
    const opening = feed.opening(since);
    const client = new Client(
      events.lastSeq,
      sink,
      {
        maxWaitingMessages: limits.maxWaitingMessages ?? maxWaitingMessages,
        maxWaitingBytes: limits.maxWaitingBytes ?? maxWaitingBytes,
      },
      clock,
      (gone) => this.#forget(gone),
    );
    this.#clients.set(client, feed);
    client.open(opening);
    return client;
  }

  close(): void {
    this.#closed = true;
    for (const client of [...this.#clients.keys()])
      client.end(closeCodes.goingAway, "The runtime is shutting down.");
  }

  /** Where nobody listens events cost nothing. */
  #forget(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    this.#leave?.();
    this.#leave = null;
  }

  #tell(event: NumberedEvent): void {
    for (const [client, feed] of this.#clients) {
      const frame = feed.frameOf(event);
      if (frame) client.offer(frame);
    }
  }
}
