// The worker's end of the port: messages out, progress at most 60 times a second, the latest never lost.
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { ProgressUpdate } from "../../task/progress.ts";
import { decode, encode, type FromTask, type ToTask } from "../protocol.ts";

const progressEveryMs = 1000 / 60;

export class Outbox {
  readonly #port: MessagePort;
  #waiting: ProgressUpdate | null = null;
  #progressAt = Number.NEGATIVE_INFINITY;

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
    const merged =
      this.#waiting?.checkpoint !== undefined && update.checkpoint === undefined
        ? { ...update, checkpoint: this.#waiting.checkpoint }
        : update;
    this.#waiting = merged;
    if (performance.now() - this.#progressAt >= progressEveryMs) this.flush();
  }

  flush(): void {
    if (!this.#waiting) return;
    const update = this.#waiting;
    this.#waiting = null;
    this.#progressAt = performance.now();
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
