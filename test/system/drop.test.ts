// As an author does it: a file is dropped, broken, mended and taken away while the program runs.
import { rm } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Program } from "./program.ts";

let program: Program;
let changes: WebSocket;
beforeAll(async () => {
  program = await Program.create();
  await program.start();
  changes = new WebSocket(`${program.url.replace("http", "ws")}/ws`);
  await new Promise((resolve) => changes.once("open", resolve));
});
afterAll(async () => {
  changes.close();
  await program.remove();
});

interface PluginLine {
  readonly file: string;
  readonly status: string;
  readonly trusted: boolean;
  readonly line: number | null;
  readonly reason: string | null;
  readonly remedy: string | null;
}

/** Resolves with the line once discovery says this of the file. */
function pluginBecomes(name: string, status: string): Promise<PluginLine> {
  return new Promise((resolve) => {
    const listen = (text: Buffer): void => {
      const event = JSON.parse(String(text)) as { type: string; plugin?: PluginLine };
      if (
        event.type !== "plugin_changed" ||
        !event.plugin?.file.endsWith(name) ||
        event.plugin.status !== status
      )
        return;
      changes.off("message", listen);
      resolve(event.plugin);
    };
    changes.on("message", listen);
  });
}

const greet = (word: string): string => `
import { Task, z, type In, type Ctx } from "armature/task";
export class GreetTask extends Task.with({ name: "greet_task", parameters: z.object({ name: z.string() }) }) {
  async run({ name }: In<this>, ctx: Ctx<this>) {
    await ctx.sleep(1);
    return "${word} " + name;
  }
}
`;

const greeting = async (): Promise<unknown> =>
  (await program.post("/tasks?wait=20", { task: "greet", parameters: { name: "Ada" } })).body.result;

test("a file dropped into the folder can be run without a restart", async () => {
  const loaded = pluginBecomes("greet_task.ts", "loaded");
  await program.addTask("greet_task.ts", greet("Hello"));
  await loaded;
  expect(await greeting()).toBe("Hello Ada");
});

test("changed, it does the new thing", async () => {
  const loaded = pluginBecomes("greet_task.ts", "loaded");
  await program.addTask("greet_task.ts", greet("Good evening"));
  await loaded;
  expect(await greeting()).toBe("Good evening Ada");
});

test("its tasks have processes of their own until its owner trusts it, which applies at once", async () => {
  const shown = () => program.get<{ trusted: boolean; policy: { lane: string } }>("/task-types/greet_task");
  expect(await shown()).toMatchObject({ trusted: false, policy: { lane: "isolated" } });
  for (const [trust, lane] of [
    [true, "async"],
    [false, "isolated"],
  ] as const) {
    const loaded = pluginBecomes("greet_task.ts", "loaded");
    await program.patch("/settings", { trusted_task_files: trust });
    expect(await loaded).toMatchObject({ trusted: trust });
    expect(await shown()).toMatchObject({ trusted: trust, policy: { lane } });
    expect(await greeting()).toBe("Good evening Ada");
  }
});

test("broken, it is listed with line, reason and remedy, its type is gone, and everything else runs", async () => {
  const rejected = pluginBecomes("greet_task.ts", "rejected");
  await program.addTask("greet_task.ts", greet("Hello").replace("async run(", "async run(("));
  expect(await rejected).toMatchObject({ line: 4, reason: expect.any(String), remedy: expect.any(String) });
  const refusal = await program.post("/tasks", { task: "greet", parameters: { name: "Ada" } });
  expect(refusal).toMatchObject({
    status: 404,
    body: { detail: expect.stringMatching(/greet_task\.ts:4 was not taken \(rejected\)/) },
  });
  const other = await program.post("/tasks?wait=20", {
    task: "hello_world_async",
    parameters: { total_steps: 1, delay_seconds: 0 },
  });
  expect(other.body.status).toBe("completed");
});

test("mended, it works again", async () => {
  const loaded = pluginBecomes("greet_task.ts", "loaded");
  await program.addTask("greet_task.ts", greet("Welcome back,"));
  await loaded;
  expect(await greeting()).toBe("Welcome back, Ada");
});

test("taken away while a task waits for it, the task says TASK_TYPE_GONE, and starts when the file is back", async () => {
  await program.post("/queue/pause");
  const { body } = await program.post("/tasks", { task: "greet", parameters: { name: "Ada" } });
  const gone = pluginBecomes("greet_task.ts", "removed");
  await rm(path.join(program.folder, "community-tasks/greet_task.ts"));
  await gone;
  await program.post("/queue/resume");
  expect(await program.get(`/tasks/${body.id}`)).toMatchObject({
    status: "pending",
    blocked_by: [{ because: "TASK_TYPE_GONE" }],
  });
  await program.addTask("greet_task.ts", greet("At last,"));
  expect(await program.ended(body.id)).toMatchObject({ status: "completed", result: "At last, Ada" });
});
