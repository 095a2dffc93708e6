// The worker's end of the port: messages out, progress about 60 times a second at most, the latest never lost.
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { ProgressUpdate } from "../../task/progress.ts";
import { decode, encode, type FromTask, type ToTask } from "../protocol.ts";

const perSecond = 60;
/** So many may follow each other at once: a task that reports a few steps and then works long shows the last of them. */
const burst = 10;

export class Outbox {
  readonly #port: MessagePort;
  #waiting: ProgressUpdate | null = null;
  /** How many updates may go out now; grows with time. */
  #allowance = burst;
  #countedAt = performance.now();

  constructor(port: MessagePort) {
    this.#port = port;
  }

  /** Whatever was said before goes out before. */
  send(message: FromTask): void {
    this.flush();
    this.#port.postMessage(encode(message));
  }

  progress(update: ProgressUpdate): void {
    // A checkpoint in an update that is left out goes with the next one.
    const saved = this.#waiting?.checkpoint;
    this.#waiting =
      saved !== undefined && update.checkpoint === undefined ? { ...update, checkpoint: saved } : update;
    const now = performance.now();
    this.#allowance = Math.min(burst, this.#allowance + ((now - this.#countedAt) * perSecond) / 1000);
    this.#countedAt = now;
    if (this.#allowance >= 1) this.flush();
  }

  flush(): void {
    if (!this.#waiting) return;
    const update = this.#waiting;
    this.#waiting = null;
    this.#allowance = Math.max(0, this.#allowance - 1);
    this.#port.postMessage(encode({ type: "progress", update }));
  }

  /** The next message that has arrived, without waiting. */
  receive(): ToTask | null {
    const received = receiveMessageOnPort(this.#port);
    return received ? decode<ToTask>(received.message) : null;
  }

  close(): void {
    this.#port.close();
  }
}
