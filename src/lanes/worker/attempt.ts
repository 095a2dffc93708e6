// One attempt in a worker, seen from the main thread: hears what it tells, gives it its orders, knows when it is over.
import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { Ending, LaneRun, Work, WorkEvents } from "../../engine/ports.ts";
import { RuntimeError, toFailure } from "../../errors/runtime-error.ts";
import { hear } from "../hear.ts";
import { type Done, decode, encode, type FromTask, type Start } from "../protocol.ts";
import { Orders } from "./orders.ts";
import type { Hold, Threads } from "./threads.ts";

export class WorkerAttempt {
  readonly #work: Work;
  readonly #events: WorkEvents;
  readonly #start: Start;
  readonly #orders = new Orders();
  #hold: Hold | null = null;
  #killed: Promise<void> | null = null;
  #thread: number | null = null;
  #done: Done | null = null;

  constructor(work: Work, events: WorkEvents, start: Start) {
    this.#work = work;
    this.#events = events;
    this.#start = start;
  }

  handle(ended: Promise<Ending>): LaneRun {
    return {
      ended,
      cancel: (reason) => this.#orders.cancel(reason),
      pause: (request) => this.#orders.pause(request),
      resume: () => this.#orders.pause(null),
      kill: () => {
        this.#killed ??= this.#hold?.kill() ?? Promise.resolve();
      },
    };
  }

  /** For the log only, once it has ended. */
  get stack(): string | null {
    return this.#done?.stack ?? null;
  }

  /** Never rejects. */
  async run(threads: Threads): Promise<Ending> {
    let problem = await this.#assign(threads);
    // A thread can die of what an earlier task left behind; a task that has not begun loses nothing by that.
    if (problem && this.#thread === null && !this.#killed) problem = await this.#assign(threads);
    if (this.#done) return this.#done.ending;
    if (this.#killed) return { how: "killed" };
    const details = { reason: problem?.message ?? "it fell silent", source: this.#work.type.source.file };
    return {
      how: "threw",
      failure: toFailure(new RuntimeError("WORKER_ENDED", details)),
      cancelled: false,
    };
  }

  /** Resolves when the thread is free or gone; with the reason where it could not finish. */
  async #assign(threads: Threads): Promise<Error | null> {
    const { port1: here, port2: there } = new MessageChannel();
    here.on("message", (text) => this.#hear(decode<FromTask>(text), here));
    this.#hold = threads.assign({ port: there, memory: this.#orders.memory, start: encode(this.#start) });
    const problem = await this.#hold.released.then(
      () => null,
      (error: Error) => error,
    );
    await this.#killed;
    if (problem && this.#thread !== null) await threads.gone(this.#thread);
    for (let post = receiveMessageOnPort(here); post; post = receiveMessageOnPort(here))
      this.#hear(decode<FromTask>(post.message), here);
    here.close();
    return problem;
  }

  #hear(message: FromTask, port: MessagePort): void {
    if (message.type === "started") this.#thread = message.id;
    else if (message.type === "done") this.#done = message;
    else
      hear(message, this.#events, (saved) => {
        port.postMessage(encode(saved));
        this.#orders.ring();
      });
  }
}
