// The task files of docs/children.md on a real server, and what goes wrong between tasks and their children.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "../system/program.ts";
import { read, taskFilesOf } from "./page.ts";

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  for (const { name, code } of taskFilesOf(read("docs/children.md"))) await program.addTask(name, code);
  await program.addTask(
    "family_task.ts",
    `
import { type Ctx, type In, Task, z } from "armature/task";

export class ForgetfulTask extends Task.with({ name: "forgetful_task" }) {
  async run(_: In<this>, ctx: Ctx<this>) {
    return { child: await ctx.tasks.submit("slow") };
  }
}

export class CaringTask extends Task.with({ name: "caring_task" }) {
  async run(_: In<this>, ctx: Ctx<this>) {
    const id = await ctx.tasks.submit("slow");
    ctx.partialResult({ child: id });
    try {
      await ctx.tasks.waitFor(id);
    } finally {
      const child = await ctx.tasks.waitFor(id);
      ctx.partialResult({ child: id, status: child.status, said: child.partial_result });
    }
  }
}

export class ImpatientTask extends Task.with({
  name: "impatient_task",
  parameters: z.object({ id: z.string() }),
  uses: { camera: "exclusive" },
}) {
  async run({ id }: In<this>, ctx: Ctx<this>) {
    await ctx.sleep(200);
    await ctx.tasks.waitFor(id);
  }
}

export class CancellingTask extends Task.with({ name: "cancelling_task" }) {
  async run(_: In<this>, ctx: Ctx<this>) {
    const id = await ctx.tasks.submit("slow", {}, { name: "unwanted" });
    await ctx.tasks.cancel(id);
    const { name, status } = await ctx.tasks.waitFor(id);
    return { name, status };
  }
}

export class SlowTask extends Task.with({ name: "slow_task" }) {
  async run(_: In<this>, ctx: Ctx<this>) {
    try {
      await ctx.sleep(60_000);
    } finally {
      await ctx.sleep(100);
      ctx.partialResult("home");
    }
  }
}
`,
  );
  await program.editSettings("firmware.json", (settings) => {
    settings.limits = { max_concurrent_tasks: 1 };
  });
  await program.start();
});
afterAll(() => program.remove());

test("a survey looks at both places with one slot and one camera, and nobody gets in between", async () => {
  const { body } = await program.post("/tasks/survey_task");
  const other = await program.post("/tasks/look_task", { parameters: { place: "elsewhere" } });
  const survey = await program.ended(body.id);
  expect([survey.status, survey.error]).toEqual(["completed", null]);
  expect(survey.result).toEqual({
    seen: ["left", "right"].map((place) => ({ place, type: "image/jpeg" })),
  });
  await program.ended(other.body.id);
  const tasks = await program.get<{ name: string; completed_at: string }[]>("/tasks?task=look");
  const inOrder = tasks.toSorted((a, b) => (a.completed_at < b.completed_at ? -1 : 1));
  expect(inOrder.map(({ name }) => name)).toEqual(["survey: left", "survey: right", "look_task"]);
});

test("a child nobody waited for ends with its parent", async () => {
  const { body } = await program.post("/tasks/forgetful_task?wait=20");
  const { child } = body.result as { child: string };
  expect(await program.ended(child)).toMatchObject({
    status: "cancelled",
    failure: { code: "PARENT_ENDED", details: { parent: body.id } },
  });
});

test("a task that is cancelled can wait for its child to come home", async () => {
  const { body } = await program.post("/tasks/caring_task");
  let children: { id: string; status: string }[] = [];
  while (children[0]?.status !== "running") children = await program.get("/tasks?task=slow&status=running");
  await program.post(`/tasks/${body.id}/cancel`);
  expect(await program.ended(body.id)).toMatchObject({
    status: "cancelled",
    partial_result: { child: children[0].id, status: "cancelled", said: "home" },
  });
});

test("a task cancels its child and sees it end", async () => {
  const { body } = await program.post("/tasks/cancelling_task?wait=20");
  expect(body.result).toEqual({ name: "unwanted", status: "cancelled" });
});

test("a wait that cannot end fails, and says why", async () => {
  await program.post("/queue/pause");
  const look = (await program.post("/tasks/look_task", { priority: -1 })).body;
  const { body } = await program.post("/tasks/impatient_task", { parameters: { id: look.id } });
  await program.post("/queue/resume");
  const task = await program.ended(body.id);
  expect(task).toMatchObject({ status: "failed", failure: { code: "WOULD_DEADLOCK" } });
  expect(task.error).toBe(`The wait for task ${look.id} would never end: it waits for this task.`);
  expect((await program.ended(look.id)).status).toBe("completed");
});
