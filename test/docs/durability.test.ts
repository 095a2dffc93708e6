// The task of docs/durability.md takes the process down, and is parked.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "../system/program.ts";
import { read, taskFilesOf } from "./page.ts";

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  await program.editSettings("firmware.json", (settings) =>
    Object.assign(settings, { trusted_task_files: true }),
  );
  for (const { name, code } of taskFilesOf(read("docs/durability.md"))) await program.addTask(name, code);
});
afterAll(() => program.remove());

/** Whether it came up; a task that was requeued may be quicker. */
const start = (): Promise<boolean> =>
  program.start().then(
    () => true,
    () => false,
  );

test("a task that took the process down twice does not do so again until its owner wants it", async () => {
  await program.start();
  const { body } = await program.post("/tasks/wild_task");
  await program.gone();
  await start();
  await program.gone();
  expect(await start()).toBe(true);
  expect(await program.get(`/tasks/${body.id}`)).toMatchObject({
    status: "interrupted",
    failure: { code: "PARKED", details: { crashes: 2 } },
    attempt: 2,
    attempts: [{ outcome: "interrupted" }, { outcome: "interrupted" }],
  });
  await program.post(`/tasks/${body.id}/restart`);
  await program.gone();
  await start();
  await program.gone();
  expect(await start()).toBe(true);
  expect(await program.get(`/tasks/${body.id}`)).toMatchObject({ status: "interrupted", attempt: 4 });
  expect(await program.signal("SIGTERM")).toBe(0);
}, 120_000);
