// The task of docs/watching.md, watched.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "../system/program.ts";
import { read, taskFilesOf } from "./page.ts";

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  for (const { name, code } of taskFilesOf(read("docs/watching.md"))) await program.addTask(name, code);
  await program.editSettings("firmware.json", (settings) => {
    settings.limits = { stall_seconds: 3 };
  });
  await program.start();
});
afterAll(() => program.remove());

const silences = async (parameters: object): Promise<{ type: string }[]> => {
  const { body } = await program.post("/tasks/long_exposure_task", { parameters });
  expect(await program.ended(body.id)).toMatchObject({ status: "completed", silent_since: null });
  const events = await program.get<{ type: string }[]>(`/tasks/${body.id}/events`);
  return events.filter(({ type }) => type === "task_silent");
};

test("a task that tells how far it is is not silent, one that does not is", async () => {
  const [tells, silent] = await Promise.all([silences({}), silences({ tells: false })]);
  expect([tells.length, silent.length]).toEqual([0, 1]);
});
