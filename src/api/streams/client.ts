// One listener and what waits for it. A client that reads slowly costs a bounded queue and nobody else anything.
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { Clock, Timer } from "../../lib/clock.ts";
import { closeCodes, type Frame, type Sink } from "./frame.ts";

export interface ClientLimits {
  readonly maxWaitingMessages: number;
  readonly maxWaitingBytes: number;
}

/** What the network may be behind before frames wait here, where they can still be replaced. */
const handedOver = 64 * 1024;
const silenceMs = 30_000;

export class Client {
  readonly #sink: Sink;
  readonly #limits: ClientLimits;
  readonly #clock: Clock;
  readonly #onEnd: (client: Client) => void;
  /** In the order of their numbers; progress under its key, so that the newest takes the place of the one before. */
  readonly #waiting = new Map<string | number, Frame>();
  #waitingBytes = 0;
  #handed: number;
  #lastSent: number;
  #silence: Timer;
  #ended = false;

  /** @param seq everything up to here is already known to the client */
  constructor(seq: number, sink: Sink, limits: ClientLimits, clock: Clock, onEnd: (client: Client) => void) {
    this.#sink = sink;
    this.#limits = limits;
    this.#clock = clock;
    this.#onEnd = onEnd;
    this.#handed = seq;
    this.#lastSent = clock.monotonic();
    this.#silence = this.#watch(silenceMs);
  }

  /** What the client is told first, whatever its size. */
  open(frames: readonly Frame[]): void {
    for (const frame of frames) this.#sink.send(frame);
  }

  offer(frame: Frame): void {
    if (this.#ended || frame.seq <= this.#handed) return;
    if (this.#waiting.size === 0 && this.#sink.waitingBytes <= handedOver) this.#send(frame);
    else this.#keep(frame);
  }

  /** The network has taken something. */
  drain(): void {
    for (const [key, frame] of this.#waiting) {
      if (this.#ended || this.#sink.waitingBytes > handedOver) return;
      this.#waiting.delete(key);
      this.#waitingBytes -= frame.text.length;
      this.#send(frame);
    }
  }

  /** Ours to say goodbye. */
  end(code: number, reason: string): void {
    if (this.#ended) return;
    this.gone();
    this.#sink.end(code, reason);
  }

  /** The other side has left. */
  gone(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#silence.cancel();
    this.#waiting.clear();
    this.#onEnd(this);
  }

  #send(frame: Frame): void {
    this.#handed = frame.seq;
    this.#lastSent = this.#clock.monotonic();
    this.#sink.send(frame);
  }

  #keep(frame: Frame): void {
    const key = frame.replaces ?? frame.seq;
    this.#waitingBytes += frame.text.length - (this.#waiting.get(key)?.text.length ?? 0);
    this.#waiting.delete(key);
    this.#waiting.set(key, frame);
    if (
      this.#waiting.size > this.#limits.maxWaitingMessages ||
      this.#waitingBytes > this.#limits.maxWaitingBytes
    )
      this.#giveUp();
  }

  #giveUp(): void {
    const slow = new RuntimeError("CLIENT_TOO_SLOW", { waiting: this.#waiting.size, seq: this.#handed });
    // A close frame holds 123 bytes: the sentence, and where to go on.
    this.end(closeCodes.tryAgainLater, `${slow.message} Connect again with ?since=${this.#handed}`);
  }

  #watch(ms: number): Timer {
    return this.#clock.after(ms, () => {
      const silent = this.#clock.monotonic() - this.#lastSent;
      if (silent < silenceMs) {
        this.#silence = this.#watch(silenceMs - silent);
        return;
      }
      if (this.#sink.waitingBytes === 0) this.#sink.ping();
      this.#lastSent = this.#clock.monotonic();
      this.#silence = this.#watch(silenceMs);
    });
  }
}
