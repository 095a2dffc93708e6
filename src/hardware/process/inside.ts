// The inside of a driver's process: answers what it is asked, one thing after the other.
import { isRuntimeError, sentenceOf } from "../../errors/runtime-error.ts";
import type { Calls, Question, Told } from "./protocol.ts";

/** Of lib/processes/channel.mjs. */
export interface Channel {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** What a call throws fails the question: with its code, or with DEVICE_FAILED. */
export function answer<C extends Calls>(channel: Channel, calls: C): void {
  const answerTo = async ({ id, call, argument }: Question): Promise<Told> => {
    try {
      return { id, value: await (calls as Record<string, (given: unknown) => unknown>)[call]?.(argument) };
    } catch (error) {
      if (isRuntimeError(error)) return { id, code: error.code, details: error.details };
      return { id, code: "DEVICE_FAILED", details: { problem: sentenceOf(error) } };
    }
  };
  let turn: Promise<void> = Promise.resolve();
  channel.onMessage((question) => {
    turn = turn.then(async () => channel.send(await answerTo(question as Question)));
  });
}
