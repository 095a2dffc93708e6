// Numbers what happens, remembers the latest, tells whoever listens. Knows nothing of sockets.
import { type Clock, isoTime } from "../lib/clock.ts";
import type { EventInput, NumberedEvent } from "./catalogue.ts";

export type Listener = (event: NumberedEvent) => void;

export interface EventBusOptions {
  readonly clock: Clock;
  /** The number of the first event; larger than any this data directory has seen. */
  readonly firstSeq?: number;
  /** How many events can be replayed. */
  readonly keep?: number;
  /** A listener that throws loses nothing for the others; this is told. */
  readonly onListenerError: (error: unknown) => void;
}

export class EventBus {
  readonly #clock: Clock;
  readonly #keep: number;
  readonly #onListenerError: (error: unknown) => void;
  readonly #listeners = new Set<Listener>();
  /** A ring: the event with number n lies at n % keep. */
  readonly #ring: NumberedEvent[] = [];
  #first: number;
  #next: number;

  constructor(options: EventBusOptions) {
    this.#clock = options.clock;
    this.#keep = options.keep ?? 10_000;
    this.#next = options.firstSeq ?? 1;
    this.#first = this.#next;
    this.#onListenerError = options.onListenerError;
  }

  /** The number of the latest event, or one less than the first. */
  get lastSeq(): number {
    return this.#next - 1;
  }

  /** The lowest number `since` can replay from. */
  get replayableFrom(): number {
    return this.#first - 1;
  }

  publish(input: EventInput): NumberedEvent {
    const { type, task_id } = input;
    const head = { type, task_id, timestamp: isoTime(this.#clock.now()), seq: this.#next++ };
    // Two fields twice: to pick the others out takes three times as long.
    const event: NumberedEvent = Object.assign(head, input);
    this.#ring[event.seq % this.#keep] = event;
    if (this.#next - this.#first > this.#keep) this.#first = this.#next - this.#keep;
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#onListenerError(error);
      }
    }
    return event;
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The events after `seq`, oldest first, or null where they are no longer (or not yet) known. */
  since(seq: number): NumberedEvent[] | null {
    if (!Number.isInteger(seq) || seq < this.#first - 1 || seq > this.lastSeq) return null;
    const events: NumberedEvent[] = [];
    for (let n = seq + 1; n < this.#next; n++) events.push(this.#ring[n % this.#keep] as NumberedEvent);
    return events;
  }
}

const texts = new WeakMap<NumberedEvent, string>();

/** The event as JSON, made once however many clients it goes to. */
export function jsonOf(event: NumberedEvent): string {
  let text = texts.get(event);
  if (text === undefined) {
    text = JSON.stringify(event);
    texts.set(event, text);
  }
  return text;
}
