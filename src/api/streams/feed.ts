// What a kind of stream says: first, and of each event. The text of an event is made once for all who listen.
import { isRuntimeError } from "../../errors/runtime-error.ts";
import { type EventBus, jsonOf } from "../../events/bus.ts";
import type { NumberedEvent } from "../../events/catalogue.ts";
import { type Clock, isoTime } from "../../lib/clock.ts";
import type { ApiParts } from "../parts.ts";
import { toWire } from "../record.ts";
import type { Frame } from "./frame.ts";

export interface Feed {
  /** @param since the last number the client has seen, or null */
  opening(since: number | null): readonly Frame[];
  /** Null where this feed has nothing to say of the event. */
  frameOf(event: NumberedEvent): Frame | null;
}

type Needs = Pick<ApiParts, "events" | "tasks" | "devices" | "clock">;

/** All events, behind a snapshot of what lives or, with `since`, behind a replay. */
export function eventFeed({ events, tasks, clock }: Needs): Feed {
  return {
    opening: (since) => {
      const missed = since === null ? null : events.since(since);
      return missed
        ? newest(missed.map(eventFrame))
        : [snapshot(events, clock, since, tasks.live().map(toWire))];
    },
    frameOf: eventFrame,
  };
}

/** The events of one task, from the oldest known on. */
export function oneTaskFeed({ events }: Needs, id: string): Feed {
  return {
    opening: (since) => newest(eventsOf(events, id, since).map(eventFrame)),
    frameOf: (event) => (event.task_id === id ? eventFrame(event) : null),
  };
}

export const eventsOf = (events: EventBus, id: string, since: number | null): NumberedEvent[] =>
  knownEvents(events, since).filter((event) => event.task_id === id);

/** Those after `since`, or all that are known where that cannot be told. */
export const knownEvents = (events: EventBus, since: number | null): NumberedEvent[] =>
  (since === null ? null : events.since(since)) ?? events.since(events.replayableFrom) ?? [];

/** Whole tasks: every live one, then each that changed. */
export function taskFeed({ events, tasks }: Needs): Feed {
  const update = (seq: number, task: Parameters<typeof toWire>[0], replaces: string | null): Frame => ({
    seq,
    replaces,
    text: JSON.stringify({ type: "task.update", task: toWire(task) }),
  });
  return {
    opening: () => tasks.live().map((task) => update(events.lastSeq, task, null)),
    frameOf: once((event) => {
      const { task_id: id, seq } = event;
      if (id === null) return null;
      try {
        return update(seq, tasks.get(id), event.type === "task_progress" ? id : null);
      } catch (error) {
        if (!isRuntimeError(error)) throw error;
        return { seq, replaces: null, text: JSON.stringify({ type: "task.removed", task_id: id }) };
      }
    }),
  };
}

/** Whole devices: each, then each that changed. */
export function deviceFeed({ events, devices }: Needs): Feed {
  const status = (seq: number, device: unknown, changed: unknown): Frame => ({
    seq,
    replaces: null,
    text: JSON.stringify({ type: "device.status", device, changed }),
  });
  return {
    opening: () => devices.list().map((device) => status(events.lastSeq, device, [])),
    frameOf: once((event) =>
      event.type === "device_changed" ? status(event.seq, event.device, event.changed) : null,
    ),
  };
}

const eventFrame = (event: NumberedEvent): Frame => ({
  seq: event.seq,
  text: jsonOf(event),
  replaces: event.type === "task_progress" ? event.task_id : null,
});

/** @param since a number that could not be replayed from: the snapshot says so */
const snapshot = (events: EventBus, clock: Clock, since: number | null, tasks: readonly unknown[]): Frame => {
  const gap = since === null ? {} : { since, replayed: false, replayable_from: events.replayableFrom };
  const { lastSeq: seq } = events;
  const text = JSON.stringify({ type: "snapshot", seq, timestamp: isoTime(clock.now()), ...gap, tasks });
  return { seq, text, replaces: null, name: "snapshot" };
};

/** Of each task's progress only the latest. */
function newest(frames: readonly Frame[]): Frame[] {
  const last = new Map(frames.map((frame) => [frame.replaces, frame]));
  return frames.filter((frame) => frame.replaces === null || last.get(frame.replaces) === frame);
}

/** Every client asks for the same event in turn: the last answer is enough to make each text once. */
function once(make: (event: NumberedEvent) => Frame | null): Feed["frameOf"] {
  let last: { event: NumberedEvent; frame: Frame | null } | null = null;
  return (event) => {
    if (last?.event !== event) last = { event, frame: make(event) };
    return last.frame;
  };
}
