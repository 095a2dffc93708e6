import { expect, test } from "vitest";
import { deferred } from "../../src/lib/deferred.ts";
import { inTime } from "../../src/lib/in-time.ts";
import { FakeClock } from "../fake-clock.ts";

test("work that is done in time was, and leaves no timer behind", async () => {
  const clock = new FakeClock();
  expect(await inTime(Promise.resolve(), 1000, clock)).toBe(true);
  expect(clock.pending).toBe(0);
});

test("work that takes longer was not, whatever becomes of it afterwards", async () => {
  const clock = new FakeClock();
  const work = deferred();
  const done = inTime(work.promise, 1000, clock);
  await clock.advance(1000);
  expect(await done).toBe(false);
  work.reject(new Error("later"));
  expect(clock.pending).toBe(0);
});

test("work that fails in time is thrown, and leaves no timer behind", async () => {
  const clock = new FakeClock();
  await expect(inTime(Promise.reject(new Error("no light")), 1000, clock)).rejects.toThrow("no light");
  expect(clock.pending).toBe(0);
});

test("without a time it is waited for as long as it takes", async () => {
  const clock = new FakeClock();
  const work = deferred();
  const done = inTime(work.promise, null, clock);
  await clock.advance(1e9);
  work.resolve();
  expect(await done).toBe(true);
});
