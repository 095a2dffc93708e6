// What waits to be sent: in order for each task and receiver, a few at a time for each host, again after a pause where
// it failed, and given up at last. Knows nothing of HTTP.
import { type Clock, isoTime, type Timer } from "../lib/clock.ts";

export interface Delivery {
  /** Of the event: a receiver drops what it has seen. */
  readonly id: string;
  readonly url: string;
  /** Who asked for it. */
  readonly from: "settings" | "submit";
  readonly type: string;
  readonly task_id: string | null;
  readonly timestamp: string;
  /** What an event about the machine adds; null for those about tasks. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  readonly attempts: number;
  readonly not_before: string | null;
}

export type Outcome =
  | { readonly how: "delivered" }
  | {
      readonly how: "failed";
      readonly problem: string;
      /** Nothing will change that. */
      readonly isFinal: boolean;
      readonly retryAfterSeconds: number | null;
    }
  /** The runtime closes: as if it had not been tried. */
  | { readonly how: "broken off" };

export interface DeliveryQueueOptions<D extends Delivery> {
  readonly clock: Clock;
  /** 0 <= n < 1 */
  readonly random: () => number;
  readonly maxAttempts: number;
  readonly firstRetryMs: number;
  /** Never rejects. */
  readonly send: (delivery: D) => Promise<Outcome>;
  readonly delivered: (delivery: D) => void;
  readonly givenUp: (delivery: D, problem: string) => void;
  /** Something else waits now than before. */
  readonly changed: () => void;
}

const longestPauseMs = 3_600_000;
const atATime = 32;
const atATimePerHost = 4;

interface Lane<D> {
  readonly key: string;
  readonly host: Host<D>;
  readonly deliveries: D[];
  timer: Timer | null;
}

interface Host<D> {
  sending: number;
  /** Those whose first delivery may be sent. */
  readonly ready: Lane<D>[];
}

export class DeliveryQueue<D extends Delivery> {
  readonly #options: DeliveryQueueOptions<D>;
  readonly #lanes = new Map<string, Lane<D>>();
  readonly #hosts = new Map<string, Host<D>>();
  /** Hosts that can be sent something right now, each at its turn. */
  readonly #open = new Set<Host<D>>();
  readonly #sending = new Set<Promise<void>>();
  #size = 0;
  #isClosed = false;

  constructor(options: DeliveryQueueOptions<D>) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  /** Everything that was not yet delivered; each receiver's in order. */
  *waiting(): Generator<D> {
    for (const { deliveries } of this.#lanes.values()) yield* deliveries;
  }

  add(delivery: D): void {
    const lane = this.#laneOf(delivery);
    lane.deliveries.push(delivery);
    this.#size++;
    if (lane.deliveries.length === 1) this.#lineUp(lane);
    this.#options.changed();
  }

  /** Nothing more is sent; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { timer } of this.#lanes.values()) timer?.cancel();
    while (this.#sending.size > 0) await Promise.all(this.#sending);
  }

  #laneOf({ from, url, task_id }: D): Lane<D> {
    const key = `${from} ${url} ${task_id}`;
    let lane = this.#lanes.get(key);
    if (!lane) {
      lane = { key, host: this.#hostOf(url), deliveries: [], timer: null };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #hostOf(url: string): Host<D> {
    const name = new URL(url).host;
    let host = this.#hosts.get(name);
    if (!host) {
      host = { sending: 0, ready: [] };
      this.#hosts.set(name, host);
    }
    return host;
  }

  /** The first of the lane is sent when it is due and its host has room. */
  #lineUp(lane: Lane<D>): void {
    if (this.#isClosed) return;
    const { clock } = this.#options;
    const [first] = lane.deliveries;
    const pause = first?.not_before ? Date.parse(first.not_before) - clock.now() : 0;
    if (pause > 0) {
      // However the clock is set meanwhile.
      lane.timer = clock.after(Math.min(pause, longestPauseMs), () => this.#ready(lane));
    } else this.#ready(lane);
  }

  #ready(lane: Lane<D>): void {
    lane.timer = null;
    lane.host.ready.push(lane);
    this.#offer(lane.host);
    this.#next();
  }

  #offer(host: Host<D>): void {
    if (host.ready.length > 0 && host.sending < atATimePerHost) this.#open.add(host);
  }

  #next(): void {
    for (const host of this.#open) {
      if (this.#isClosed || this.#sending.size >= atATime) return;
      this.#open.delete(host);
      const lane = host.ready.shift();
      if (!lane) continue;
      host.sending++;
      this.#offer(host);
      const work = this.#send(lane).finally(() => {
        this.#sending.delete(work);
        host.sending--;
        this.#offer(host);
        this.#next();
      });
      this.#sending.add(work);
    }
  }

  async #send(lane: Lane<D>): Promise<void> {
    const { send, delivered, givenUp, maxAttempts, changed } = this.#options;
    const delivery = lane.deliveries[0] as D;
    const outcome = await send(delivery);
    if (outcome.how === "broken off") return;
    if (outcome.how === "delivered") delivered(delivery);
    else if (outcome.isFinal || delivery.attempts + 1 >= maxAttempts)
      givenUp({ ...delivery, attempts: delivery.attempts + 1 }, outcome.problem);
    else {
      lane.deliveries[0] = this.#later(delivery, outcome.retryAfterSeconds);
      this.#lineUp(lane);
      return changed();
    }
    lane.deliveries.shift();
    this.#size--;
    if (lane.deliveries.length > 0) this.#lineUp(lane);
    else this.#lanes.delete(lane.key);
    changed();
  }

  /** Twice as late as the time before; chance keeps those that failed together from coming together again. */
  #later(delivery: D, retryAfterSeconds: number | null): D {
    const { clock, random, firstRetryMs } = this.#options;
    const pause = Math.min(firstRetryMs * 2 ** delivery.attempts, longestPauseMs) * (0.5 + random() / 2);
    const wished = Math.min((retryAfterSeconds ?? 0) * 1000, longestPauseMs);
    return {
      ...delivery,
      attempts: delivery.attempts + 1,
      not_before: isoTime(clock.now() + Math.max(pause, wished)),
    };
  }
}
