// The task of docs/stopping.md, stopped in every way the page names.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "../system/program.ts";
import { read, taskFilesOf } from "./page.ts";

const page = read("docs/stopping.md");

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  await program.editSettings("devices/simulated.json", ({ devices }) => {
    const slow = { top_speed_degrees_per_s: 20, acceleration_degrees_per_s2: 40 };
    Object.assign((devices as Record<string, object>).turntable as object, slow);
  });
  for (const { name, code } of taskFilesOf(page)) await program.addTask(name, code);
  await program.start();
});
afterAll(() => program.remove());

const angle = async (): Promise<number> => Number((await program.get("/devices/turntable")).angle_degrees);

/** Between two steps, on its way to the third. */
async function inMidStep(): Promise<string> {
  const { body } = await program.post("/tasks/sweep_task", { parameters: { steps: 30 } });
  while ((await angle()) < 21 || (await angle()) > 29) await program.get(`/tasks/${body.id}`);
  return body.id;
}

test("left alone it completes at home", async () => {
  const { body } = await program.post("/tasks?wait=30", { task: "sweep_task", parameters: { steps: 1 } });
  expect(body).toMatchObject({ status: "completed", result: { steps: 1 } });
  expect(await angle()).toBe(0);
});

test("after the step it has ended its step, and is at home; it can be resumed behind it", async () => {
  const id = await inMidStep();
  const { body } = await program.post(`/tasks/${id}/cancel`, { grade: "after_step" });
  expect(body).toMatchObject({ status: "pausing", stops_after_step: true });
  const { status, progress } = await program.ended(id);
  expect(status).toBe("cancelled");
  expect((progress as { current: number }).current).toBeGreaterThanOrEqual(3);
  expect(await angle()).toBe(0);
  await program.post(`/tasks/${id}/resume`);
  while ((await angle()) < 31) await program.get(`/tasks/${id}`);
  await program.post(`/tasks/${id}/cancel`);
  await program.ended(id);
});

test("a plain cancel brakes in mid-move and comes home", async () => {
  const id = await inMidStep();
  await program.post(`/tasks/${id}/cancel`);
  expect((await program.ended(id)).status).toBe("cancelled");
  expect(await angle()).toBe(0);
});

test("the emergency stop leaves it where it stands, and the answer has the fields of the page", async () => {
  const id = await inMidStep();
  const { body } = await program.post("/stop");
  const shown = JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? "");
  expect(Object.keys(body)).toEqual(Object.keys(shown));
  expect(body.devices).toEqual(expect.arrayContaining(shown.devices));
  expect(Object.keys((body.tasks as object[])[0] ?? {})).toEqual(Object.keys(shown.tasks[0]));
  expect(await program.ended(id)).toMatchObject({ status: "cancelled", error: null });
  expect(await angle()).toBeGreaterThan(20);
  expect((await program.post("/queue/resume")).body.paused).toBe(false);
});
