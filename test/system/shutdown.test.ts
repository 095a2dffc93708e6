// How the program ends: told to, told twice, or because of an error nobody owns.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Program } from "./program.ts";

let program: Program;
beforeEach(async () => {
  program = await Program.create();
});
afterEach(() => program.remove());

const running = async (id: string): Promise<void> => {
  for (;;) {
    if ((await program.get(`/tasks/${id}`)).status === "running") return;
    await program.get(`/tasks/${id}?wait=1`);
  }
};

test("SIGTERM lets tasks clean up, stores them as interrupted, tells clients and exits with 0", async () => {
  await program.addTask(
    "tidy_task.ts",
    `
import { writeFileSync } from "node:fs";
import { Task, type In, type Ctx } from "armature/task";
export class TidyTask extends Task.with({ name: "tidy_task" }) {
  async run(_: In<this>, ctx: Ctx<this>) {
    try {
      await ctx.sleep(60_000);
    } finally {
      await ctx.sleep(50);
      writeFileSync(ctx.files.own + "/tidied", String(ctx.signal.reason));
    }
  }
}
`,
  );
  await program.start();
  const { body } = await program.post("/tasks", { task: "tidy_task" });
  const waiting = await program.post("/tasks", {
    task: "exclusive_demo_task",
    parameters: { duration_seconds: 1 },
  });
  await running(body.id);
  const socket = new WebSocket(`${program.url.replace("http", "ws")}/ws`);
  const seen: string[] = [];
  socket.on("message", (text) => seen.push((JSON.parse(String(text)) as { type: string }).type));
  await new Promise((resolve) => socket.once("open", resolve));
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  expect(await program.signal("SIGTERM")).toBe(0);
  expect(await closed).toBe(1001);
  expect(seen).toContain("task_interrupted");
  const tidied = path.join(program.folder, "data/files", body.id, "tidied");
  expect(await readFile(tidied, "utf8")).toContain("shutdown");
  await program.start();
  expect(await program.get(`/tasks/${body.id}`)).toMatchObject({
    status: "interrupted",
    failure: { code: "INTERRUPTED", details: { status: "running" } },
    attempts: [{ outcome: "interrupted" }],
  });
  expect(await program.ended(waiting.body.id)).toMatchObject({ status: "completed" });
});

test("a second signal ends it at once, and nothing that was accepted is lost", async () => {
  await program.addTask(
    "deaf_task.ts",
    `
import { Task } from "armature/task";
export class DeafTask extends Task.with({ name: "deaf_task" }) {
  async run() {
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  }
}
`,
  );
  await program.start();
  const { body } = await program.post("/tasks", { task: "deaf_task" });
  await running(body.id);
  const first = program.signal("SIGTERM");
  // Until the first signal has arrived the server still answers.
  while (
    await fetch(`${program.url}/health/ready`).then(
      (r) => r.ok,
      () => false,
    )
  );
  await program.signal("SIGTERM");
  expect(await first).not.toBe(0);
  await program.start();
  expect((await program.get(`/tasks/${body.id}`)).status).toBe("interrupted");
});

test("an error nobody awaits fails the task it belongs to, and the program goes on", async () => {
  await program.addTask(
    "stray_task.ts",
    `
import { Task, type In, type Ctx } from "armature/task";
export class StrayTask extends Task.with({ name: "stray_task" }) {
  async run(_: In<this>, ctx: Ctx<this>) {
    setTimeout(() => { throw new Error("left alone"); }, 5);
    await ctx.sleep(30_000);
  }
}
`,
  );
  await program.start();
  const { body } = await program.post("/tasks?wait=20", { task: "stray_task" });
  expect(body).toMatchObject({
    status: "failed",
    error: "left alone",
    failure: { code: "TASK_FAILED", details: { at: expect.stringMatching(/stray_task\.ts:5$/) } },
  });
  expect((await program.get<{ ready: boolean }>("/health/ready")).ready).toBe(true);
});

test("a second program on the same data directory says who uses it", async () => {
  await program.start();
  const second = new Program(program.folder);
  await expect(second.start()).rejects.toThrow(/Another runtime \(process \d+\) uses/);
});

test("a settings file with a typo stops the start and says file, key and the nearest known one", async () => {
  await program.editSettings("firmware.json", (settings) => {
    settings.limits = { max_concurent_tasks: 2 };
  });
  await expect(program.start()).rejects.toThrow(/firmware\.json.*max_concurent_tasks.*max_concurrent_tasks/s);
});
