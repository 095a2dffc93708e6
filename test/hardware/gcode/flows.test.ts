// How many lines may be on their way, and what becomes of them.
import { expect, test } from "vitest";
import { failed } from "../../../src/hardware/drivers/gcode/controller-error.ts";
import { CountedFlow } from "../../../src/hardware/drivers/gcode/grbl/counted-flow.ts";
import { NumberedFlow } from "../../../src/hardware/drivers/gcode/marlin/numbered-flow.ts";
import { FakeClock } from "../../fake-clock.ts";
import { below, randomOf } from "../../random.ts";
import { refusalOf } from "./machine.ts";

function counted() {
  const clock = new FakeClock();
  const [written, silences]: [string[], number[]] = [[], []];
  const flow = new CountedFlow({
    clock,
    write: (text) => written.push(text),
    silent: (seconds) => silences.push(seconds),
  });
  return { clock, flow, written, silences };
}

test("as much is on its way as fits, and never a character more", () => {
  const seed = Number(process.env.ARMATURE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  const random = randomOf(seed);
  const { flow, written } = counted();
  const lines = Array.from({ length: 500 }, () => "x".repeat(1 + below(random, 79)));
  for (const line of lines) void flow.send(line, 10);
  for (let answered = 0; answered < lines.length; answered++) {
    const onItsWay = written.slice(answered).join("").length;
    const next = lines[written.length];
    expect(onItsWay).toBeLessThanOrEqual(128);
    if (next !== undefined) expect(onItsWay + next.length + 1).toBeGreaterThan(128);
    flow.answered(null);
  }
  expect(written.map((line) => line.trim())).toEqual(lines);
});

test("a line that could never fit is refused, and holds up nobody", async () => {
  const { flow, written } = counted();
  expect(String(await refusalOf(flow.send("x".repeat(128), 10)))).toContain("does not fit");
  void flow.send("x".repeat(127), 10);
  expect(written.length).toBe(1);
});

test("an answer is waited for from when its line is the oldest on its way", async () => {
  const { clock, flow, silences } = counted();
  void flow.send("first", 10);
  void flow.send("second", 3);
  await clock.advance(9000);
  flow.answered(null);
  await clock.advance(2000);
  expect(silences).toEqual([]);
  await clock.advance(1000);
  expect(silences).toEqual([3]);
});

test("what a reset drops has failed, what comes later is sent", async () => {
  const { flow, written } = counted();
  const dropped = [refusalOf(flow.send("x".repeat(100), 10)), refusalOf(flow.send("y".repeat(100), 10))];
  const reset = failed("it was reset", "Look.");
  flow.drop(reset);
  expect(await Promise.all(dropped)).toEqual([reset, reset]);
  const sent = flow.send("later", 10);
  flow.answered(null);
  await sent;
  expect(written.at(-1)).toBe("later\n");
  flow.end(reset);
  expect(await refusalOf(flow.send("too late", 10))).toBe(reset);
});

test("an answer that belongs to no line is told apart", () => {
  expect(counted().flow.answered(null)).toBe(false);
});

function pingPong() {
  const clock = new FakeClock();
  const [written, ends]: [string[], unknown[]] = [[], []];
  const flow = new NumberedFlow({
    clock,
    write: (text) => written.push(text.trim()),
    gone: (error) => ends.push(error),
  });
  return { clock, flow, written, ends };
}

test("one numbered line is on its way; an urgent one leaves all the same, and their answers are told apart", async () => {
  const { flow, written } = pingPong();
  const [first, second] = [flow.send("G1 X1", 10), flow.send("G1 X2", 10)];
  const urgent = flow.urgent("M410", 10);
  expect(written).toEqual(["N1 G1 X1*96", "M410"]);
  flow.answered();
  await first;
  flow.answered();
  await urgent;
  expect(written.at(-1)).toBe("N2 G1 X2*96");
  flow.answered();
  await second;
});

test("a line that arrived broken is sent again, one whose answer was lost is not", async () => {
  const { flow, written, ends } = pingPong();
  const first = flow.send("G28", 10);
  flow.resend(1);
  flow.answered();
  expect(written).toEqual(["N1 G28*18", "N1 G28*18"]);
  flow.resend(2);
  flow.answered();
  await first;
  expect(written.length).toBe(2);
  void flow.send("G28", 10);
  flow.resend(1);
  expect(String(ends[0])).toContain("line 1, which is gone");
});

test("a sign of life gives a long answer its time again", async () => {
  const { clock, flow, ends } = pingPong();
  void flow.send("G28", 5);
  await clock.advance(4000);
  flow.await();
  await clock.advance(4000);
  expect(ends).toEqual([]);
  await clock.advance(1000);
  expect(ends).toEqual([5]);
});
