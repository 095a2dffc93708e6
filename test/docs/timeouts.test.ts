// The task of docs/timeouts.md, on simulated motors.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "../system/program.ts";
import { read, taskFilesOf } from "./page.ts";

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  for (const { name, code } of taskFilesOf(read("docs/timeouts.md"))) await program.addTask(name, code);
  await program.start();
});
afterAll(() => program.remove());

const ended = async (body: object) => {
  const { body: task } = await program.post("/tasks/look_around_task", body);
  return program.ended(task.id);
};

test("moves that end in time are done", async () => {
  expect(await ended({})).toMatchObject({ status: "completed", result: [30, 60] });
});

test("a move that takes longer than its deadline fails the task, and the motor stands still", async () => {
  const task = await ended({ parameters: { angles: [200], seconds_per_move: 0.2 } });
  expect(task).toMatchObject({
    status: "failed",
    failure: {
      code: "DEADLINE_EXCEEDED",
      details: { seconds: 0.2, at: expect.stringMatching(/look_around_task\.ts:17$/) },
    },
  });
  const turntable = await program.get<{ state: string }>("/devices/turntable");
  expect(turntable.state).toBe("ready");
});

test("a timeout says how long it was, what was done by then, and what to do", async () => {
  const angles = Array.from({ length: 40 }, (_, step) => 10 + (step % 2) * 170);
  const task = await ended({ parameters: { angles }, timeout_seconds: 2.5 });
  expect(task).toMatchObject({
    status: "failed",
    error: "Operation exceeded timeout of 2.5 seconds",
    failure: {
      code: "TIMEOUT",
      details: { timeout_seconds: 2.5, partial_result: expect.arrayContaining([10]) },
      remediation: "Try breaking the operation into smaller chunks or increase timeout",
    },
    partial_result: expect.arrayContaining([10]),
    attempts: [{ outcome: "failed", error: "Operation exceeded timeout of 2.5 seconds" }],
  });
});
