// One step that must not hang, under a clock that stands still.
import { expect, test } from "vitest";
import { createDeadline } from "../../src/lanes/deadline.ts";
import { Stop } from "../../src/lanes/loop/stop.ts";
import type { RotaryAxis } from "../../src/task/devices.ts";
import { Cancelled, isCancelled } from "../../src/task/steering.ts";
import { FakeClock } from "../fake-clock.ts";
import { machine } from "../hardware/machine.ts";

function begin<Result>(seconds: number, work: (signal: AbortSignal, clock: FakeClock) => Promise<Result>) {
  const clock = new FakeClock();
  const stop = new Stop();
  const told: unknown[] = [];
  const ended = createDeadline(clock, stop)(seconds, (signal) => work(signal, clock)).catch(
    (error: unknown) => error,
  );
  void ended.then((result) => told.push(result));
  return { clock, stop, told, outcome: () => ended };
}

/** As a device does: it rejects with the signal's reason. */
const listening = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

/** As a device does that must slow down first. */
const slow =
  (ms: number) =>
  (signal: AbortSignal, clock: FakeClock): Promise<string> =>
    new Promise((resolve) =>
      signal.addEventListener("abort", () => clock.after(ms, () => resolve("stands"))),
    );

test("a step that ends in time gives its result and leaves no timer behind", async () => {
  const { clock, outcome } = begin(2, async () => 42);
  expect(await outcome()).toBe(42);
  expect(clock.pending).toBe(0);
});

test("what a step throws in time is thrown", async () => {
  const error = new Error("the cable is loose");
  expect(await begin(2, () => Promise.reject(error)).outcome()).toBe(error);
  const thrown = begin(2, () => {
    throw error;
  });
  expect(await thrown.outcome()).toBe(error);
});

test("a step whose time is over is aborted, and the call says so with the seconds", async () => {
  const { clock, told, outcome } = begin(2, listening);
  await clock.advance(1_999);
  expect(told).toEqual([]);
  await clock.advance(1);
  expect(await outcome()).toMatchObject({
    code: "DEADLINE_EXCEEDED",
    message: "A step of the task took longer than 2 seconds.",
    details: { seconds: 2 },
  });
  expect(clock.pending).toBe(0);
});

test("the call waits until the step has come to its end", async () => {
  const { clock, told, outcome } = begin(2, slow(300));
  await clock.advance(2_299);
  expect(told).toEqual([]);
  await clock.advance(1);
  expect(await outcome()).toMatchObject({ code: "DEADLINE_EXCEEDED" });
});

test("a step that does not listen is left behind after a second", async () => {
  const { clock, told, outcome } = begin(2, () => new Promise(() => undefined));
  await clock.advance(2_999);
  expect(told).toEqual([]);
  await clock.advance(1);
  expect(await outcome()).toMatchObject({ code: "DEADLINE_EXCEEDED" });
});

test("what a step throws because it was aborted is kept as the cause", async () => {
  const broken = new Error("it came down hard");
  const { clock, outcome } = begin(2, (signal) => listening(signal).catch(() => Promise.reject(broken)));
  await clock.advance(2_000);
  expect(await outcome()).toMatchObject({ code: "DEADLINE_EXCEEDED", cause: broken });
});

test("a cancel goes through a step as through a device, and is thrown once", async () => {
  const { stop, outcome } = begin(2, listening);
  stop.order(new Cancelled("user"));
  expect(isCancelled(await outcome())).toBe(true);
  expect(stop.isPending).toBe(false);
});

test("a cancel is thrown also where the step did not mind it", async () => {
  const { stop, clock, outcome } = begin(2, slow(100));
  stop.order(new Cancelled("user"));
  await clock.advance(100);
  expect(isCancelled(await outcome())).toBe(true);
});

test("a step that hangs through a cancel ends when its time is over, and the task is told of the cancel", async () => {
  const { stop, clock, told, outcome } = begin(2, () => new Promise(() => undefined));
  stop.order(new Cancelled("user"));
  await clock.advance(2_999);
  expect(told).toEqual([]);
  await clock.advance(1);
  expect(isCancelled(await outcome())).toBe(true);
});

test("after the cancel was thrown steps have their time, so that the clean-up cannot hang either", async () => {
  const clock = new FakeClock();
  const stop = new Stop();
  stop.order(new Cancelled("user"));
  const deadline = createDeadline(clock, stop);
  await expect(deadline(2, async () => 1)).rejects.toMatchObject({ reason: "user" });
  expect(await deadline(2, async () => 2)).toBe(2);
  const home = expect(deadline(2, listening)).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  await clock.advance(2_000);
  await home;
});

test("seconds that are no time are refused", async () => {
  for (const seconds of [-1, Number.NaN])
    expect(await begin(seconds, async () => 1).outcome()).toBeInstanceOf(RangeError);
});

test("a motor that needs longer stands still when the call has been rejected", async () => {
  const { devices, clock } = await machine("simulated");
  const stop = new Stop();
  const bound = devices.bind({ turntable: "exclusive" }, () => stop.signalForDevices());
  const turntable = bound.turntable as RotaryAxis;
  const turn = createDeadline(clock, stop)(0.5, (signal) => turntable.moveTo(180, { signal }));
  const refused = expect(turn).rejects.toMatchObject({ code: "DEADLINE_EXCEEDED" });
  await clock.advance(1_500);
  await refused;
  const { angleDegrees } = turntable;
  expect(angleDegrees).toBeGreaterThan(0);
  expect(angleDegrees).toBeLessThan(180);
  await clock.advance(10_000);
  expect(turntable.angleDegrees).toBe(angleDegrees);
});
