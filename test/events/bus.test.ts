import { expect, test } from "vitest";
import { EventBus, jsonOf } from "../../src/events/bus.ts";
import { systemClock } from "../../src/lib/clock.ts";

const busOf = (keep: number, firstSeq = 1, errors: unknown[] = []) =>
  new EventBus({ clock: systemClock, keep, firstSeq, onListenerError: (error) => errors.push(error) });

const happen = (bus: EventBus, times: number) => {
  for (let n = 0; n < times; n++) bus.publish({ type: "queue_changed", task_id: null, paused: n % 2 === 0 });
};

test("events are numbered without gaps from the first number on", () => {
  const bus = busOf(10, 500);
  const seen: number[] = [];
  bus.subscribe((event) => seen.push(event.seq));
  happen(bus, 3);
  expect(seen).toEqual([500, 501, 502]);
});

test("what happened after a number is replayed in order, however often the ring went round", () => {
  const bus = busOf(5);
  happen(bus, 23);
  expect(bus.since(20)?.map((event) => event.seq)).toEqual([21, 22, 23]);
  expect(bus.since(18)?.length).toBe(5);
  expect(bus.since(23)).toEqual([]);
});

test("a number that is too old, in the future or none at all cannot be replayed from", () => {
  const bus = busOf(5, 100);
  happen(bus, 20);
  for (const seq of [113, 120, 0, Number.NaN]) expect(bus.since(seq)).toBeNull();
});

test("a listener that throws does not keep the event from the others", () => {
  const errors: unknown[] = [];
  const bus = busOf(5, 1, errors);
  const seen: number[] = [];
  bus.subscribe(() => {
    throw new Error("broken listener");
  });
  bus.subscribe((event) => seen.push(event.seq));
  happen(bus, 1);
  expect(seen).toEqual([1]);
  expect(errors).toHaveLength(1);
});

test("who has left hears nothing more", () => {
  const bus = busOf(5);
  let heard = 0;
  const leave = bus.subscribe(() => heard++);
  leave();
  happen(bus, 1);
  expect(heard).toBe(0);
});

test("the JSON of an event is made once", () => {
  const bus = busOf(5);
  const event = bus.publish({ type: "task_paused", task_id: "t" });
  expect(jsonOf(event)).toBe(jsonOf(event));
  expect(JSON.parse(jsonOf(event))).toMatchObject({ type: "task_paused", task_id: "t", seq: 1 });
});
