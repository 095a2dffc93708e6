// The task of docs/retry.md, submitted over HTTP.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TaskRecord } from "../../src/task/record.ts";
import { Program, type WireTask } from "../system/program.ts";
import { read, taskFilesOf } from "./page.ts";

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  for (const { name, code } of taskFilesOf(read("docs/retry.md"))) await program.addTask(name, code);
  await program.start();
});
afterAll(() => program.remove());

const ended = async (body: object) => {
  const { status, body: task } = await program.post("/tasks/take_photo_task", body);
  expect(status).toBe(202);
  return program.ended(task.id);
};
const outcomes = (task: WireTask) =>
  (task as unknown as TaskRecord).attempts.map((one) => [one.outcome, one.error]);

test("it is tried again until it succeeds, and its attempts say what went wrong", async () => {
  const task = await ended({});
  expect(task).toMatchObject({ status: "completed", attempt: 3, result: { attempts: 3 } });
  expect(outcomes(task)).toEqual([
    ["failed", "The shutter stuck."],
    ["failed", "The shutter stuck."],
    ["completed", null],
  ]);
  const events = await program.get<{ type: string; error?: string }[]>(`/tasks/${task.id}/events`);
  expect(events.filter(({ type }) => type === "task_retrying")).toMatchObject([
    { error: "The shutter stuck." },
    { error: "The shutter stuck." },
  ]);
});

test("one that gives up is not tried again", async () => {
  const task = await ended({ parameters: { film: false } });
  expect(task).toMatchObject({ status: "failed", attempt: 1, error: "There is no film." });
});

test("one that asks to be tried later is, and that was no failure", async () => {
  const task = await ended({ parameters: { warm_up: true }, retry: { max_attempts: 2, delay_seconds: 0 } });
  expect(task).toMatchObject({ status: "completed", attempt: 3 });
  expect(outcomes(task)).toEqual([
    ["postponed", "The lamp is cold."],
    ["failed", "The shutter stuck."],
    ["completed", null],
  ]);
});

test("a submit brings its own policy", async () => {
  const task = await ended({ retry: { max_attempts: 1 } });
  expect(task).toMatchObject({ status: "failed", attempt: 1 });
});
