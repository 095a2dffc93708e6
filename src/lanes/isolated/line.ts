// A child's line to its lane: what it says, and the answers it waits for. Knows no task.
import { type Deferred, deferred } from "../../lib/deferred.ts";
import type { FromChild, Outcome, ToChild } from "../protocol.ts";
import type { Line } from "../worker/outbox.ts";

/** Of lib/processes/channel.mjs. */
export interface Channel {
  send(message: unknown): void;
  receive(): unknown;
  onMessage(listener: (message: unknown) => void): void;
}

type Numbered =
  | Omit<Extract<FromChild, { type: "call" }>, "number">
  | Omit<Extract<FromChild, { type: "invoke" }>, "number">;

export class ChildLine implements Line {
  readonly #channel: Channel;
  readonly #waiting = new Map<number, Deferred<Outcome>>();
  #asked = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** @throws Error for what structured clone cannot carry */
  send(message: FromChild): void {
    this.#channel.send(message);
  }

  receive(): Extract<ToChild, { type: "saved" | "start" }> | null {
    const message = this.#channel.receive() as ToChild | undefined;
    // A blocking task makes no calls, and its other orders come as numbers.
    return message?.type === "saved" || message?.type === "start" ? message : null;
  }

  /** The parent ends the process. */
  close(): void {
    this.#waiting.clear();
  }

  /** @param told its number, once it is on its way */
  ask(message: Numbered, told?: (number: number) => void): Promise<Outcome> {
    const number = ++this.#asked;
    this.send({ ...message, number });
    const answer = deferred<Outcome>();
    this.#waiting.set(number, answer);
    told?.(number);
    return answer.promise;
  }

  answered(number: number, outcome: Outcome): void {
    this.#waiting.get(number)?.resolve(outcome);
    this.#waiting.delete(number);
  }
}
