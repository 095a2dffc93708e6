// A chain in the real program: over the event loop and a worker, over a kill -9, with a result that lies in a file.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "./program.ts";

const tasks = `
import { type Ctx, type In, Task, z } from "armature/task";

export class WriteTask extends Task.with({ name: "write_task", parameters: z.object({ letters: z.int() }) }) {
  async run({ letters }: In<this>) {
    return { text: "x".repeat(letters) };
  }
}

export class MeasureTask extends Task.with({ name: "measure_task", isBlocking: true }) {
  run(_: In<this>, ctx: Ctx<this>) {
    return ctx.dependencies.map(({ result }) => (result as { text: string }).text.length);
  }
}

export class SumTask extends Task.with({ name: "sum_task" }) {
  async run(_: In<this>, ctx: Ctx<this>) {
    const [measured] = ctx.dependencies;
    return (measured?.result as number[]).reduce((a, b) => a + b, 0);
  }
}
`;

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  await program.addTask("chain_tasks.ts", tasks);
  await program.start();
});
afterAll(() => program.remove());

const chain = {
  tasks: [
    { key: "sum", task: "sum_task", depends_on: ["measure"] },
    { key: "measure", task: "measure_task", depends_on: ["small", "large"] },
    { key: "small", task: "write_task", parameters: { letters: 10 } },
    { key: "large", task: "write_task", parameters: { letters: 200_000 } },
  ],
};

test("a chain that was accepted goes on after kill -9, and each task finds what those before have returned", async () => {
  await program.post("/queue/pause");
  const { status, body } = await program.post<{ keys: Record<string, string> }>("/tasks/batch", chain);
  expect(status).toBe(202);
  await program.kill();
  await program.start();
  await program.post("/queue/resume");
  const { sum, measure, large } = body.keys as { sum: string; measure: string; large: string };
  expect(await program.ended(sum)).toMatchObject({ status: "completed", result: 200_010 });
  expect((await program.get(`/tasks/${measure}`)).result).toEqual([10, 200_000]);
  expect((await program.get(`/tasks/${large}`)).result).toHaveProperty("file");
});
