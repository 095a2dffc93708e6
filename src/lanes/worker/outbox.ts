// The task's end of the line: messages out, progress about 60 times a second at most, the latest never lost.
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { ProgressUpdate } from "../../task/progress.ts";
import { decode, encode, type FromTask, type ToTask } from "../protocol.ts";

/** A line to whoever has given the task. */
export interface Line {
  send(message: FromTask): void;
  /** The next message that has arrived, without waiting. */
  receive(): ToTask | null;
  close(): void;
}

export function lineThrough(port: MessagePort): Line {
  return {
    send: (message) => port.postMessage(encode(message)),
    close: () => port.close(),
    receive() {
      const received = receiveMessageOnPort(port);
      return received ? decode<ToTask>(received.message) : null;
    },
  };
}

const perSecond = 60;
/** So many may follow each other at once: a task that reports a few steps and then works long shows the last of them. */
const burst = 10;

export class Outbox {
  readonly #line: Line;
  #waiting: ProgressUpdate | null = null;
  /** How many updates may go out now; grows with time. */
  #allowance = burst;
  #countedAt = performance.now();

  constructor(line: Line) {
    this.#line = line;
  }

  /** Whatever was said before goes out before. */
  send(message: FromTask): void {
    this.flush();
    this.#line.send(message);
  }

  /** @returns whether it has to wait for the next message, or a flush */
  progress(update: ProgressUpdate): boolean {
    // A checkpoint in an update that is left out goes with the next one.
    const saved = this.#waiting?.checkpoint;
    this.#waiting =
      saved !== undefined && update.checkpoint === undefined ? { ...update, checkpoint: saved } : update;
    const now = performance.now();
    this.#allowance = Math.min(burst, this.#allowance + ((now - this.#countedAt) * perSecond) / 1000);
    this.#countedAt = now;
    if (this.#allowance >= 1) this.flush();
    return this.#waiting !== null;
  }

  flush(): void {
    if (!this.#waiting) return;
    const update = this.#waiting;
    this.#waiting = null;
    this.#allowance = Math.max(0, this.#allowance - 1);
    this.#line.send({ type: "progress", update });
  }

  receive(): ToTask | null {
    return this.#line.receive();
  }

  close(): void {
    this.#line.close();
  }
}
