// What an exclusive task holds, and when it is free, with real tasks in the real program.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "./program.ts";

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  await program.addTask(
    "map_task.ts",
    `
import { Task } from "armature/task";
export class MapTask extends Task.with({ name: "map_task", isExclusive: true }) {
  async run() {
    return { images: [1, new Map()] };
  }
}
`,
  );
  await program.addTask(
    "return_task.ts",
    `
import { appendFileSync } from "node:fs";
import { Task, type In, type Ctx } from "armature/task";
const say = (ctx, word) => appendFileSync(ctx.files.data + "/said.txt", word + "\\n");
export class ReturnTask extends Task.with({ name: "return_task", isExclusive: true }) {
  async *run(_: In<this>, ctx: Ctx<this>) {
    try {
      for (let step = 0; ; step++) {
        yield { current: step };
        await ctx.sleep(5);
      }
    } finally {
      await ctx.sleep(300);
      say(ctx, "homed");
    }
  }
}
export class NextTask extends Task.with({ name: "next_task" }) {
  async run(_: In<this>, ctx: Ctx<this>) {
    say(ctx, "next");
  }
}
`,
  );
  await program.start();
});
afterAll(() => program.remove());

test("a result JSON cannot carry fails that task, says where, and frees what it held", async () => {
  const { body } = await program.post("/tasks?wait=20", { task: "map_task" });
  expect(body).toMatchObject({
    status: "failed",
    failure: { code: "RESULT_NOT_SERIALIZABLE", details: { path: "result.images[1]", found: "a Map" } },
  });
  const next = await program.post("/tasks?wait=20", {
    task: "exclusive_demo_task",
    parameters: { duration_seconds: 0.01 },
  });
  expect(next.body.status).toBe("completed");
});

test("a paused exclusive generator that is cancelled comes home before anybody else starts", async () => {
  const { body } = await program.post("/tasks", { task: "return_task" });
  const next = await program.post("/tasks", { task: "next_task" });
  let status = "";
  while (status !== "paused") {
    await program.post(`/tasks/${body.id}/pause`);
    status = (await program.get(`/tasks/${body.id}?wait=1`)).status;
  }
  expect((await program.post(`/tasks/${body.id}/cancel`)).body.status).toBe("cancelling");
  expect((await program.get(`/tasks/${next.body.id}`)).status).toBe("pending");
  expect((await program.ended(body.id)).status).toBe("cancelled");
  expect((await program.ended(next.body.id)).status).toBe("completed");
  expect(await readFile(path.join(program.folder, "data/said.txt"), "utf8")).toBe("homed\nnext\n");
});
