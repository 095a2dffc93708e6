// What controllers say, as text: read as their sources print it, and nothing else is taken for it.
import { describe, expect, test } from "vitest";
import {
  ControllerError,
  ofDevice,
  troubleOf,
} from "../../../src/hardware/drivers/gcode/controller-error.ts";
import { alarmOf, errorOf } from "../../../src/hardware/drivers/gcode/grbl/numbers.ts";
import { jog, parse as parseGrbl } from "../../../src/hardware/drivers/gcode/grbl/text.ts";
import { LineCutter } from "../../../src/hardware/drivers/gcode/line/line.ts";
import { moveLine, numbered, parse as parseMarlin } from "../../../src/hardware/drivers/gcode/marlin/text.ts";
import type { Letter } from "../../../src/hardware/drivers/gcode/options.ts";
import { below, randomOf } from "../../random.ts";

describe("Grbl", () => {
  test.each([
    ["ok", { kind: "ok" }],
    ["error:20", { kind: "error", number: 20 }],
    ["ALARM:1", { kind: "alarm", number: 1 }],
    ["Grbl 1.1h ['$' for help]", { kind: "welcome", version: "1.1h" }],
    ["GrblHAL 1.1f ['$' or '$HELP' for help]", { kind: "welcome", version: "1.1f" }],
    ["$110=3000.000", { kind: "setting", number: 110, value: 3000 }],
    ["$110=3000.000 (x max rate, mm/min)", { kind: "setting", number: 110, value: 3000 }],
    ["$N0=G54", { kind: "message", tag: "setting" }],
    ["[MSG:'$H'|'$X' to unlock]", { kind: "message", tag: "MSG", text: "'$H'|'$X' to unlock" }],
    ["[OPT:VH,15,128]", { kind: "message", tag: "OPT", text: "VH,15,128" }],
    [">G54G20:ok", { kind: "message", tag: "startup" }],
  ])("says %s", (text, heard) => expect(parseGrbl(text)).toMatchObject(heard));

  test("reports where it stands, as machine or as work positions", () => {
    expect(
      parseGrbl("<Hold:0|MPos:-1.500,0.000,12.345,90.000|Bf:15,128|FS:500,8000|Pn:X|Ov:100,100,100>"),
    ).toEqual({
      kind: "status",
      status: { state: "Hold:0", machine: [-1.5, 0, 12.345, 90], work: null, offset: null },
    });
    expect(parseGrbl("<Idle|WPos:1.000,2.000,3.000|FS:0,0|WCO:-10.000,0.000,0.000>")).toEqual({
      kind: "status",
      status: { state: "Idle", machine: null, work: [1, 2, 3], offset: [-10, 0, 0] },
    });
  });

  test.each([
    "",
    "okay",
    "ok ok",
    "error:",
    "error:x",
    "ALARM",
    "<Idle|MPos:1,2,x>",
    "<Idle|MPos:1,2",
    "<>",
    "[MSG",
    "$=1",
    "\x00ÿ",
  ])("%j is no answer of it", (text) => expect(parseGrbl(text)).toEqual({ kind: "unknown" }));

  test("a line of any six axes stays within its 80 characters", () => {
    const far = new Map<Letter, number>(
      (["X", "Y", "Z", "A", "B", "C"] as const).map((letter) => [letter, -1234.5678]),
    );
    expect(jog(far, 12_345.6789)).toBe(
      "$J=G53G21X-1234.568Y-1234.568Z-1234.568A-1234.568B-1234.568C-1234.568F12345.679",
    );
    expect(jog(far, 12_345.6789).length).toBeLessThanOrEqual(80);
  });

  test("each of its numbers has a sentence and a remedy, an unknown one too", () => {
    const known = [...Array(38).keys()]
      .map((number) => number + 1)
      .filter((number) => number !== 18 && number !== 19);
    for (const error of [
      ...known.map(errorOf),
      errorOf(99),
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99].map(alarmOf),
    ]) {
      const { problem, remedy } = troubleOf(error, "x");
      expect(problem).not.toMatch(/\{|undefined/);
      expect(remedy.length).toBeGreaterThan(10);
      expect(remedy).not.toContain("{device}");
    }
    expect([...known.map(errorOf)].filter(({ message }) => message.includes("a number of its own"))).toEqual(
      [],
    );
  });
});

describe("Marlin", () => {
  test.each([
    ["ok", { kind: "ok" }],
    ["ok N12 P15 B3", { kind: "ok" }],
    ["start", { kind: "start" }],
    ["Resend: 12", { kind: "resend", number: 12 }],
    ["rs N12", { kind: "resend", number: 12 }],
    ["Error:checksum mismatch, Last Line: 11", { kind: "line_error" }],
    ["Error:Homing Failed", { kind: "error", problem: "Homing Failed" }],
    ['echo:Unknown command: "M999"', { kind: "error", problem: 'Unknown command: "M999"' }],
    ["Error:Printer halted. kill() called!", { kind: "halted" }],
    ["echo:busy: processing", { kind: "busy" }],
    [
      "echo:  M203 X500.00 Y500.00 Z5.00 E25.00",
      { kind: "setting", code: "M203", values: { X: 500, Y: 500, Z: 5 } },
    ],
    ["  M204 P1250.00 R1500.00 T1250.00", { kind: "setting", code: "M204", travel: 1250 }],
    [
      "X:1.00 Y:-2.50 Z:0.20 E:0.00 Count X:80 Y:-200 Z:80",
      { kind: "position", planned: { X: 1, Y: -2.5, Z: 0.2 }, steps: { X: 80, Y: -200, Z: 80 } },
    ],
    ["echo:Marlin 2.1.2", { kind: "note" }],
    ["//action:notification Ready", { kind: "note" }],
    ["Xk&\x01", { kind: "unknown" }],
  ])("says %s", (text, heard) => expect(parseMarlin(text)).toMatchObject(heard));

  test("its lines carry a number and the exclusive or of their characters", () => {
    expect(numbered(3, "T0")).toBe("N3 T0*57");
    expect(
      moveLine(
        new Map([
          ["X", 1.23456],
          ["Z", -2],
        ] as const),
        600,
      ),
    ).toBe("G1 X1.235 Z-2 F600");
  });
});

test("lines are found again, wherever they were split on their way, and noise without an end is cut", () => {
  const seed = Number(process.env.ARMATURE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed}`);
  const random = randomOf(seed);
  const lines = Array.from({ length: 200 }, (_, at) => `line ${at} ${"x".repeat(1 + below(random, 100))}`);
  const heard: string[] = [];
  const cutter = new LineCutter((text) => heard.push(text));
  const bytes = Buffer.from(lines.join("\r\n\r\n").concat("\n"));
  for (let at = 0; at < bytes.length; ) {
    const next = at + 1 + below(random, 40);
    cutter.push(bytes.subarray(at, next));
    at = next;
  }
  expect(heard).toEqual(lines);
  cutter.push(Buffer.alloc(10_000, 0xff));
  cutter.push(Buffer.from("\nok\n"));
  expect(heard.at(-1)).toBe("ok");
  expect(heard.at(-2)?.length).toBeLessThanOrEqual(512);
});

test("what a controller says becomes the error of the device that asked, with its own remedy", () => {
  const error = new ControllerError("DEVICE_FAILED", {
    problem: "it is on fire",
    remedy: "GET /devices/{device}.",
  });
  expect(ofDevice(error, "z")).toMatchObject({
    code: "DEVICE_FAILED",
    message: "z failed: it is on fire",
    details: { device: "z", remedy: "GET /devices/z." },
  });
  const other = new Error("mine");
  expect(ofDevice(other, "z")).toBe(other);
});
