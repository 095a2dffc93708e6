// What a board's own words say about its axes.
import { expect, test } from "vitest";
import { GrblBoard } from "../../../src/hardware/drivers/gcode/grbl/board.ts";
import { parse } from "../../../src/hardware/drivers/gcode/grbl/text.ts";
import { Place } from "../../../src/hardware/drivers/gcode/place.ts";
import { straightWay } from "../../../src/hardware/drivers/gcode/straight-way.ts";

const boardWith = (settings: Record<number, number>, ...reports: string[]): GrblBoard => {
  const board = new GrblBoard();
  for (const [number, value] of Object.entries(settings)) board.set(Number(number), value);
  for (const report of reports) {
    const heard = parse(report);
    if (heard.kind === "status") board.report(heard.status);
  }
  return board;
};

test("work positions are machine positions with the offset it told of last", () => {
  const board = boardWith(
    {},
    "<Idle|WPos:1.000,2.000,3.000|WCO:-10.000,0.000,5.000>",
    "<Idle|WPos:2.000,2.000,3.000>",
  );
  expect((["X", "Y", "Z", "A"] as const).map((letter) => board.position(letter))).toEqual([
    -8,
    2,
    8,
    undefined,
  ]);
});

test("a board that reports inches stands in millimetres", () => {
  expect(boardWith({ 13: 1 }, "<Idle|MPos:1.000,0.000,0.000>").position("X")).toBe(25.4);
});

test("its travel is what it is set to, per second; an axis that it does not have has none", () => {
  const board = boardWith({ 100: 250, 110: 3000, 120: 200, 113: 1, 123: 1 }, "<Idle|MPos:0.000,0.000,0.000>");
  expect(board.travel("X")).toEqual({ topSpeed: 50, acceleration: 200, resolution: 0.005 });
  expect([board.travel("Y"), board.travel("A")]).toEqual([null, null]);
});

test("homing ends at the pull-off from the switch, wherever that is", () => {
  const settings = { 22: 1, 23: 0b010, 27: 1.5, 130: 200, 131: 100 };
  expect(boardWith(settings).homePosition("X")).toBe(-1.5);
  expect(boardWith(settings).homePosition("Y")).toBe(-98.5);
  const atZero = boardWith(settings);
  atZero.built("VZ,15,128");
  expect(atZero.homePosition("Y")).toBe(0);
});

test("a place keeps what was asked for while the report says the same but for its rounding", () => {
  let reported = 0;
  const place = new Place({ perUnit: 1000, isContinuous: false }, 0.011, () => reported);
  const target = place.machineTarget(333.333);
  reported = 0.33;
  place.arrive(333.333, target);
  expect(place.position).toBe(333.333);
  reported = 0.4;
  expect(place.position).toBe(400);
});

test("a place that turns for ever counts the turns for the controller, and shows the angle", () => {
  let reported = 0;
  const place = new Place({ perUnit: 1, isContinuous: true }, 0.011, () => reported);
  for (const [angle, machine] of [
    [350, -10],
    [10, 10],
    [185, 185],
    [0, 360],
    [0, 360],
  ] as const) {
    expect(place.machineTarget(angle)).toBe(machine);
    reported = machine - 0.004;
    place.arrive(angle, machine);
    expect(place.position).toBe(angle);
  }
});

test("a straight way is as slow as its slowest axis needs, and what does not move holds up nobody", () => {
  const board = {
    position: () => 0,
    travel: () => ({ topSpeed: 50, acceleration: 100, resolution: 0.01 }),
  };
  const way = straightWay(
    [
      { letter: "X", target: 30, speed: 10 },
      { letter: "Y", target: -40, speed: 5 },
      { letter: "Z", target: 0, speed: 0.001 },
    ],
    board,
  );
  // 50 along the way, in the 8 s that Y needs.
  expect(way.speed).toBe(6.25);
  expect(way.seconds).toBeCloseTo(8.0625);
  expect(straightWay([{ letter: "Z", target: 0, speed: 2 }], board).speed).toBe(2);
});
