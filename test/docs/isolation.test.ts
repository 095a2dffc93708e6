// The task file of docs/isolation.md runs in the real program, in a process of its own.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "../system/program.ts";
import { read, taskFilesOf } from "./page.ts";

const files = taskFilesOf(read("docs/isolation.md"));

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  for (const { name, code } of files) await program.addTask(name, code);
  await program.start();
});
afterAll(() => program.remove());

test("the example runs, and what it prints stands in its log", async () => {
  const { body } = await program.post("/tasks/reconstruct_task", { parameters: { runs: 1 } });
  const { status, error, result, lane } = await program.ended(body.id);
  expect([status, error, result, lane]).toEqual(["completed", null, [499_999_500_000], "isolated"]);
  const lines = await program.get<{ message: string; fields: unknown }[]>(`/tasks/${body.id}/logs`);
  expect(lines).toContainEqual(
    expect.objectContaining({ message: "run 1 is done", fields: { stream: "stdout" } }),
  );
});

test("any task runs isolated when its submit says so", async () => {
  const { body } = await program.post("/tasks", {
    task: "hello_world_blocking",
    parameters: { duration_seconds: 0.01 },
    lane: "isolated",
    limits: { memory_mb: 512 },
  });
  const { status, error, lane } = await program.ended(body.id);
  expect([status, error, lane]).toEqual(["completed", null, "isolated"]);
});

test("limits for a task that nobody holds to them are refused", async () => {
  const { status, body } = await program.post("/tasks", {
    task: "generator_task",
    limits: { cpu_seconds: 1 },
  });
  expect([status, body.code]).toEqual([422, "LIMITS_NEED_ISOLATION"]);
});
