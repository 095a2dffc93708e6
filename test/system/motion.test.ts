// Moves of the real program, and everything that may end one.
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { everyStopReaches } from "../contracts/stop.ts";
import { Program } from "./program.ts";

// 100 µm/s with 200 µm/s²: half a second and 25 µm to stand still.
const slow = { top_speed_um_per_s: 100, acceleration_um_per_s2: 200 };
everyStopReaches("a simulated axis", {
  devices: () => ({ x: { driver: "simulated_linear_axis", min_um: 0, max_um: 2000, ...slow } }),
  axis: "x",
  far: 2000,
  braking: 25,
  tolerance: 1e-6,
});

const bothTask = `
import { Task, type Ctx, type In } from "armature/task";
export class BothTask extends Task.with({ name: "both_task", uses: { x: "exclusive", y: "exclusive" } }) {
  async run(_: In<this>, ctx: Ctx<this>) {
    await Promise.all([ctx.devices.x.moveTo(100), ctx.devices.y.moveTo(2000)]);
  }
}
`;

test.each([
  ["event loop", true],
  ["own process", false],
])(
  "a task in the %s whose connection is lost: its other axis stands still before it is free",
  async (_, trusted) => {
    const program = await Program.create();
    onTestFinished(() => program.remove());
    const axis = { driver: "simulated_linear_axis", min_um: 0, max_um: 2000, ...slow };
    const devices = { x: { ...axis, faults: { disconnect_at: 0.5 } }, y: axis };
    await writeFile(path.join(program.folder, "settings/devices/own.json"), JSON.stringify({ devices }));
    await program.editSettings("firmware.json", (settings) => {
      Object.assign(settings, { profile: "own", trusted_task_files: trusted });
    });
    await program.addTask("both_task.ts", bothTask);
    await program.start({ ARMATURE_LOG_LEVEL: "silent" });
    const { body } = await program.post("/tasks", { task: "both_task" });
    const { body: next } = await program.post("/devices/y/move", { position_um: 0 });
    expect(await program.ended(body.id)).toMatchObject({
      status: "failed",
      failure: { code: "DEVICE_FAILED" },
    });
    expect(await program.get("/devices/x")).toMatchObject({
      state: "failed",
      problem: "the connection was lost",
    });
    // Had y still been moving, this would have been refused as DEVICE_BUSY.
    const { status, result } = await program.ended(next.id);
    expect([status, (result as { position: number }).position]).toEqual(["completed", 0]);
    expect((result as { start: number }).start).toBeGreaterThan(0);
    expect((result as { start: number }).start).toBeLessThan(2000);
    expect((await program.post("/devices/x/reconnect")).body).toMatchObject({ state: "ready" });
  },
);
