// Tasks of the real program that move the axes of a Grbl on a serial port. The Grbl is a stand-in with physics at the
// other end of a pseudo-terminal.
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { everyStopReaches } from "../contracts/stop.ts";
import { GrblStandIn } from "../hardware/gcode/stand-in/grbl.ts";
import { testOverPty } from "../hardware/gcode/stand-in/pty.ts";
import { overPty, type Served } from "../hardware/gcode/stand-in/serve.ts";
import { Program } from "./program.ts";

/** 50 mm/s and 500 mm/s²: a tenth of a second and 2.5 mm to stand still. It has no switches to home with. */
const settings = { 22: 0, 110: 3000, 120: 500 };
const axisAt = (port: string): object => ({
  ...{ driver: "gcode_linear_axis", port, letter: "X", min_um: 0, max_um: 200_000 },
});

const lines: Pick<Served, "hangUp">[] = [];
afterAll(() => {
  for (const { hangUp } of lines) hangUp();
});

function serialPort(grbl: GrblStandIn): string {
  const served = overPty(grbl);
  lines.push(served);
  return served.port;
}

if (testOverPty === test)
  everyStopReaches("an axis of a Grbl on a serial port", {
    devices: () => ({ x: axisAt(serialPort(new GrblStandIn({ clock: systemClock, settings }))) }),
    axis: "x",
    far: 200_000,
    braking: 2500,
    // Half a step.
    tolerance: 5,
  });

describe("a Grbl in mid-move", () => {
  let program: Program;
  let grbl: GrblStandIn;
  beforeEach(async () => {
    grbl = new GrblStandIn({ clock: systemClock, settings });
    program = await Program.create();
    await program.editSettings("devices/gcode.json", (profile) => {
      profile.devices = { x: axisAt(serialPort(grbl)) };
    });
    await program.start({ ARMATURE_PROFILE: "gcode" });
  });
  afterEach(() => program.remove());

  const until = async (is: () => boolean): Promise<void> => {
    while (!is()) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  /** A task in mid-move, at speed. */
  async function underWay(): Promise<string> {
    const { body } = await program.post<{ id: string }>("/devices/x/move", { position_um: 200_000 });
    await until(() => (grbl.planner.position[0] ?? 0) > 10);
    return body.id;
  }

  testOverPty("is held while its task is paused, and goes on to its target", async () => {
    const id = await underWay();
    await program.post(`/tasks/${id}/pause`);
    await until(() => grbl.planner.isEmpty);
    const stands = grbl.planner.position[0] ?? 0;
    expect(stands).toBeLessThan(200);
    expect(grbl.realTime.at(-1)).toBe("jog cancel");
    while ((await program.get(`/tasks/${id}`)).status !== "paused");
    expect(grbl.planner.position[0]).toBe(stands);
    await program.post(`/tasks/${id}/resume`);
    expect(await program.ended(id)).toMatchObject({ status: "completed", result: { position: 200_000 } });
    expect(grbl.planner.position[0]).toBe(200);
  });

  testOverPty("ends its move where the runtime was killed, and the next start stops it", async () => {
    await underWay();
    await program.kill();
    expect(grbl.planner.isMoving).toBe(true);
    await program.start({ ARMATURE_PROFILE: "gcode" });
    expect(grbl.planner.isEmpty).toBe(true);
    expect(grbl.planner.position[0]).toBeLessThan(200);
  });
});
