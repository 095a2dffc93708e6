// The task file of docs/history.md, and everything it leaves behind.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Bundle } from "../../src/api/bundle.ts";
import { Program } from "../system/program.ts";
import { read, taskFilesOf } from "./page.ts";

let program: Program;
let id: string;
beforeAll(async () => {
  program = await Program.create();
  for (const { name, code } of taskFilesOf(read("docs/history.md"))) await program.addTask(name, code);
  await program.start();
  id = (await program.post("/tasks", { task: "weigh_task", name: "The red pot" })).body.id;
  await program.ended(id);
});
afterAll(() => program.remove());

interface Linked {
  readonly hash: string;
  readonly links: { readonly download: string };
  readonly [field: string]: unknown;
}

test("its file is listed with hash and origin, and is what is downloaded", async () => {
  const [artifact] = await program.get<Linked[]>(`/tasks/${id}/artifacts`);
  const { source } = await program.get(`/tasks/${id}`);
  expect(artifact).toMatchObject({
    name: "weights.csv",
    type: "text/csv",
    origin: { attempt: 1, source_hash: (source as { hash: string }).hash },
  });
  const content = await (await fetch(program.url + artifact?.links.download)).text();
  expect(createHash("sha256").update(content).digest("hex")).toBe(artifact?.hash);
});

test("the bundle tells the whole story, without secrets", async () => {
  const response = await fetch(`${program.url}/tasks/${id}/bundle`);
  expect(response.headers.get("content-disposition")).toMatch(/attachment; filename="armature-weigh_task-/);
  const bundle = (await response.json()) as Bundle;
  expect(bundle.task).toMatchObject({ id, status: "completed", result: { grams: 12.2 } });
  expect(bundle.transitions.map(({ what }) => what)).toEqual(
    expect.arrayContaining(["created", "task_started", "attempt began", "task_completed", "completed"]),
  );
  expect(bundle.logs.map(({ message }) => message)).toEqual(["the sample was weighed"]);
  expect(bundle.versions.node).toMatch(/^v\d+/);
  expect(bundle.task_type).toMatchObject({ name: "weigh_task" });
  expect(bundle.settings).toHaveProperty("limits");
  expect(JSON.stringify(bundle)).not.toMatch(/secret|Bearer/i);
});

test("the history is filtered by name and time", async () => {
  const found = async (filter: string) => (await program.get<unknown[]>(`/tasks/history?${filter}`)).length;
  expect(await found("name=RED%20pot")).toBe(1);
  expect(await found("name=blue")).toBe(0);
  const { completed_at } = await program.get(`/tasks/${id}`);
  expect(await found(`from=${completed_at}`)).toBe(1);
  expect(await found(`to=${completed_at}`)).toBe(0);
});

test("logs are still there after a restart", async () => {
  await program.signal("SIGTERM");
  await program.start();
  const logs = await program.get<{ message: string }[]>(`/tasks/${id}/logs`);
  expect(logs.map(({ message }) => message)).toEqual(["the sample was weighed"]);
});
