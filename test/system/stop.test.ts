// The emergency stop of the real program, in mid-move.
import { readdir } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { brakingDegrees, movingTask, rotorOf, slowDown, stretchOf, underWay } from "./moves.ts";
import { Program } from "./program.ts";

let program: Program;
beforeEach(async () => {
  program = await Program.create();
  await slowDown(program);
  await program.addTask("sway_task.ts", movingTask);
});
afterEach(() => program.remove());

test("POST /stop in mid-move: the axis stands still within its braking distance, and no clean-up moves it", async () => {
  await program.start();
  const { body } = await program.post("/tasks", { task: "sway_task" });
  const waiting = await program.post("/tasks", {
    task: "scan_task",
    parameters: { project: "pot", points: 1 },
  });
  await underWay(program);
  const rotor = await rotorOf(program);
  const { status, body: report } = await program.post("/stop");
  expect(status).toBe(200);
  expect(report).toMatchObject({
    stopped: true,
    stored: true,
    devices: expect.arrayContaining([
      { name: "rotor", stopped: true, problem: null },
      { name: "turntable", stopped: true, problem: null },
    ]),
  });
  expect(await program.ended(body.id)).toMatchObject({ status: "cancelled", error: null, failure: null });
  expect(await program.ended(waiting.body.id)).toMatchObject({ status: "cancelled" });
  const { told, stands } = stretchOf(rotor.states);
  rotor.close();
  expect(Math.abs(stands - told)).toBeLessThanOrEqual(brakingDegrees + 0.01);
  expect(Math.abs(stands - told)).toBeGreaterThan(1);
  const refused = await program.post("/tasks?wait=1", { task: "sway_task" });
  expect(refused.body).toMatchObject({
    status: "pending",
    blocked_by: [{ because: "queue_paused", resource: "stopped" }],
  });
  // Where it stood still, there it is.
  expect((await program.get("/devices/rotor")).angle_degrees).toBe(stands);
});

test("the stop outlives kill -9: devices refuse until the queue is resumed", async () => {
  await program.start();
  await program.post("/tasks", { task: "sway_task" });
  await underWay(program);
  await program.post("/stop");
  await program.kill();
  await program.start();
  expect(await program.get("/queue")).toMatchObject({ paused: true, paused_because: "stopped" });
  expect((await program.get<{ state: string }>("/devices/rotor")).state).toBe("stopped");
  const { body } = await program.post("/tasks", { task: "sway_task" });
  await program.post("/queue/resume");
  await underWay(program);
  expect((await program.get(`/tasks/${body.id}`)).status).toBe("running");
});

test("a scan that was stopped in mid-move ends as cancelled and continues once the machine is released", async () => {
  await program.editSettings("devices/simulated.json", (profile) => {
    const devices = profile.devices as Record<string, object>;
    Object.assign(devices.camera as object, { width: 128, height: 128 });
  });
  await program.start();
  const { body } = await program.post("/tasks", {
    task: "scan_task",
    parameters: { project: "pot", points: 5, path_method: "turntable", rotor_angle: 10 },
  });
  await underWay(program);
  await program.post("/stop");
  expect(await program.ended(body.id)).toMatchObject({ status: "cancelled", error: null, failure: null });
  await program.post("/queue/resume");
  expect((await program.post(`/tasks/${body.id}/resume`)).status).toBe(200);
  expect(await program.ended(body.id)).toMatchObject({ status: "completed", result: { photos: 5 } });
  const scans = await readdir(path.join(program.folder, "data/projects/pot"));
  expect(scans.filter((name) => name.startsWith("scan"))).toEqual(["scan01"]);
});
