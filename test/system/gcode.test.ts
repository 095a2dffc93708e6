// Tasks of the real program that move the axes of a Grbl on a serial port: however they end, nothing moves on, and
// their claims are free. The Grbl is a stand-in with physics at the other end of a pseudo-terminal.
import koffi from "koffi";
import { afterEach, beforeEach, expect } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { GrblStandIn } from "../hardware/gcode/stand-in/grbl.ts";
import { overPty } from "../hardware/gcode/stand-in/serve.ts";
import { testWithLibrary } from "../hardware/native.ts";
import { Program } from "./program.ts";

const test = testWithLibrary("koffi", () => koffi.load(null as unknown as string));

/** Back and forth for ever, in the runtime or in a process of its own; it says who it is. */
const shuttle = (lane: string): string => `
import { Task, type In, type Ctx } from "armature/task";
export class ShuttleTask extends Task.with({ name: "shuttle_${lane}_task", lane: "${lane}", uses: { x: "exclusive" } }) {
  async run(_: In<this>, ctx: Ctx<this>) {
    ctx.log.info("runs", { pid: process.pid });
    for (;;) {
      await ctx.devices.x.moveTo(-190_000);
      await ctx.devices.x.moveTo(-10_000);
    }
  }
}
`;
const nudge = `
import { Task, type In, type Ctx } from "armature/task";
export class NudgeTask extends Task.with({ name: "nudge_task", uses: { x: "exclusive" } }) {
  async run(_: In<this>, ctx: Ctx<this>) {
    await ctx.devices.x.moveTo(ctx.devices.x.positionUm - 1000);
    return ctx.devices.x.positionUm;
  }
}
`;

let program: Program;
let grbl: GrblStandIn;
beforeEach(async () => {
  grbl = new GrblStandIn({ clock: systemClock, settings: { 22: 0, 110: 3000, 120: 500 } });
  program = await Program.create();
  await program.addTask("shuttle_task.ts", shuttle("async"));
  await program.addTask("shuttle_isolated_task.ts", shuttle("isolated"));
  await program.addTask("nudge_task.ts", nudge);
});
afterEach(() => program.remove());

async function start(): Promise<void> {
  const { port } = overPty(grbl);
  await program.editSettings("devices/gcode.json", (profile) => {
    for (const device of Object.values(profile.devices as Record<string, object>))
      Object.assign(device, { port });
  });
  await program.start({ ARMATURE_PROFILE: "gcode" });
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** A task in mid-move, at speed. */
async function underWay(name: string): Promise<string> {
  const { id } = (await program.post("/tasks", { task: name })).body;
  while ((grbl.planner.position[0] ?? 0) > -20) await turn();
  return id;
}

/** Nothing moves, nothing waits to move, and another task may have the axis. */
async function expectCalm(): Promise<void> {
  expect(grbl.planner.isEmpty).toBe(true);
  const { body } = await program.post("/tasks?wait=20", { task: "nudge_task" });
  expect(body.status).toBe("completed");
  expect(body.result).toBeCloseTo((grbl.planner.position[0] ?? 0) * 1000, 0);
}

test("a task that is cancelled in mid-move has braked its axis before another one may have it", async () => {
  await start();
  const id = await underWay("shuttle_async_task");
  const waiting = await program.post("/tasks", { task: "nudge_task" });
  await program.post(`/tasks/${id}/cancel`);
  expect(await program.ended(id)).toMatchObject({ status: "cancelled" });
  expect(grbl.realTime).toContain("jog cancel");
  expect(await program.ended(waiting.body.id)).toMatchObject({ status: "completed" });
  await expectCalm();
});

test("a task whose process is killed in mid-move leaves its axis stopped and its claim free", async () => {
  await start();
  const id = await underWay("shuttle_isolated_task");
  const lines = await program.get<{ message: string; fields: { pid: number } }[]>(`/tasks/${id}/logs`);
  process.kill(lines.find(({ message }) => message === "runs")?.fields.pid ?? 0, "SIGKILL");
  expect(await program.ended(id)).toMatchObject({ status: "failed", failure: { code: "PROCESS_ENDED" } });
  await expectCalm();
});

test("POST /stop holds the machine at once, and everything refuses to move until it is released", async () => {
  await start();
  const id = await underWay("shuttle_async_task");
  const { body } = await program.post("/stop");
  expect(grbl.planner.isEmpty).toBe(true);
  expect(body).toMatchObject({
    devices: expect.arrayContaining([{ name: "x", stopped: true, problem: null }]),
  });
  expect(await program.ended(id)).toMatchObject({ status: "cancelled" });
  expect(grbl.state).toBe("Idle");
  await program.post("/queue/resume");
  await expectCalm();
});

test("SIGTERM in mid-move leaves nothing moving; after kill -9 the next start stops what was left", async () => {
  await start();
  await underWay("shuttle_async_task");
  expect(await program.signal("SIGTERM")).toBe(0);
  expect(grbl.planner.isEmpty).toBe(true);
  await program.start({ ARMATURE_PROFILE: "gcode" });
  await program.post("/queue/resume");
  await program.post("/tasks", { task: "shuttle_async_task" });
  while (!grbl.planner.isMoving) await turn();
  await program.kill();
  expect(grbl.planner.isMoving).toBe(true);
  await program.start({ ARMATURE_PROFILE: "gcode" });
  expect(grbl.planner.isEmpty).toBe(true);
});
