// The power goes in mid-move: the real program comes up and moves nothing by surprise.
import { afterEach, beforeEach, expect, test } from "vitest";
import { movingTask, slowDown, underWay } from "./moves.ts";
import { Program } from "./program.ts";

let program: Program;
beforeEach(async () => {
  program = await Program.create();
  await slowDown(program);
  await program.addTask("sway_task.ts", movingTask);
});
afterEach(() => program.remove());

/** @returns the task that moved, and one that waits behind it */
async function cutOffInMidMove(): Promise<{ moved: string; waiting: string }> {
  await program.start();
  const moved = (await program.post("/tasks", { task: "sway_task" })).body.id;
  const waiting = (
    await program.post("/tasks", { task: "exclusive_demo_task", parameters: { duration_seconds: 0.01 } })
  ).body.id;
  await underWay(program);
  await program.kill();
  return { moved, waiting };
}

test("kill -9 in mid-move: the queue comes up paused, says why, and goes on when it is resumed", async () => {
  const { moved, waiting } = await cutOffInMidMove();
  await program.start();
  expect(await program.get("/queue")).toMatchObject({
    paused: true,
    paused_because: "interrupted_hardware",
    interrupted_tasks: [moved],
    tasks: [{ id: waiting, blocked_by: [{ because: "queue_paused", task_id: moved }] }],
  });
  expect(await program.get("/health/ready")).toMatchObject({
    ready: true,
    checks: { queue: { ok: false, problem: expect.stringContaining(moved) } },
  });
  expect((await program.post("/queue/resume")).body).toMatchObject({ paused: false, interrupted_tasks: [] });
  expect((await program.ended(waiting)).status).toBe("completed");
  expect((await program.get(`/tasks/${moved}`)).status).toBe("interrupted");
});

test("an owner who switched that off finds the queue at work", async () => {
  const { waiting } = await cutOffInMidMove();
  await program.editSettings("firmware.json", (settings) => {
    settings.pause_queue_after_interrupted_hardware = false;
  });
  await program.start();
  expect((await program.ended(waiting)).status).toBe("completed");
});
