// The task file of docs/questions.md asks a real server's clients.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "../system/program.ts";
import { read, taskFilesOf } from "./page.ts";

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  for (const { name, code } of taskFilesOf(read("docs/questions.md"))) await program.addTask(name, code);
  await program.start();
});
afterAll(() => program.remove());

async function asking(): Promise<string> {
  const { id } = (await program.post("/tasks/mount_sample_task")).body;
  while ((await program.get(`/tasks/${id}`)).status !== "paused");
  return id;
}

// biome-ignore lint/suspicious/noExplicitAny: the answer is a task or a problem
const answer = (id: string, said: unknown): Promise<{ status: number; body: any }> =>
  program.post(`/tasks/${id}/answer`, { answer: said });

test("the example asks, refuses what does not fit, takes the answer, and takes it once", async () => {
  const id = await asking();
  const { question } = await program.get(`/tasks/${id}`);
  expect(question).toMatchObject({
    prompt: "Mount the sample. What is it, and how high?",
    schema: { type: "object", required: ["name", "height_mm"] },
    default: null,
  });
  const misfit = await answer(id, { name: "gear", height_mm: -1 });
  expect([misfit.status, misfit.body.code, misfit.body.errors[0].path]).toEqual([
    422,
    "INVALID_ANSWER",
    "answer.height_mm",
  ]);
  expect((await answer(id, { name: "gear", height_mm: 12 })).status).toBe(200);
  const second = await answer(id, { name: "gear", height_mm: 13 });
  expect(second.body.code, JSON.stringify(second)).toBe("NO_QUESTION");
  const { status, result, question: after } = await program.ended(id);
  expect([status, result, after]).toEqual(["completed", "gear is 12 mm high", null]);
});
