// What a task in a thread or a process tells, passed on to whoever listens to the attempt. Knows no line.
import type { WorkEvents } from "../engine/ports.ts";
import type { Saved, Told } from "./protocol.ts";
import { sentFailure } from "./sent-failure.ts";

/** @param answer sends what the task waits for */
export function hear(told: Told, events: WorkEvents, answer: (saved: Saved) => void): void {
  switch (told.type) {
    case "progress":
      events.progress(told.update);
      break;
    case "checkpoint":
      void save(told.number, told.state, events).then(answer);
      break;
    case "paused":
      events.paused(told.request);
      break;
    case "partial":
      events.partialResult(told.value);
      break;
    case "log":
      events.log(told.entry);
      break;
    case "artifact":
      events.artifact(told.artifact);
  }
}

async function save(number: number, state: unknown, events: WorkEvents): Promise<Saved> {
  try {
    await events.checkpoint(state);
    return { type: "saved", number, failure: null };
  } catch (error) {
    return { type: "saved", number, failure: sentFailure(error) };
  }
}
