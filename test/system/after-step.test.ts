// Stopping after the step, in every way a task can be written: real tasks in the real program.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "./program.ts";

/** Says what it does: each step begins, takes its time, and ends at a checkpoint. */
const steps = (name: string, { isBlocking = false, yields = false, lane = "" } = {}): string => {
  const wait = isBlocking ? "" : "await ";
  const checkpoint = yields ? "yield { current: step, checkpoint: step };" : `${wait}ctx.checkpoint(step);`;
  return `
import { appendFileSync } from "node:fs";
import { Task, z, type In, type Ctx } from "armature/task";
export class StepsTask extends Task.with({
  name: "${name}",
  checkpoint: z.int(),
  isBlocking: ${isBlocking},
  ${lane === "" ? "" : `lane: "${lane}",`}
}) {
  ${isBlocking ? "" : "async "}${yields ? "*" : ""}run(_: In<this>, ctx: Ctx<this>) {
    const say = (word: string) => appendFileSync(ctx.files.data + "/${name}.txt", word + "\\n");
    try {
      for (let step = (ctx.resumedFrom ?? 0) + 1; step <= 1000; step++) {
        say("begin " + step);
        ${wait}ctx.sleep(150);
        say("end " + step);
        ${checkpoint}
      }
    } finally {
      say("clean up");
    }
  }
}
`;
};

const ways = {
  async_task: {},
  async_generator_task: { yields: true },
  blocking_task: { isBlocking: true },
  blocking_generator_task: { isBlocking: true, yields: true },
};

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  for (const [name, way] of Object.entries(ways)) await program.addTask(`${name}.ts`, steps(name, way));
  await program.start();
});
afterAll(() => program.remove());

async function said(name: string): Promise<string[]> {
  const text = await readFile(path.join(program.folder, "data", `${name}.txt`), "utf8").catch(() => "");
  return text.trim().split("\n");
}

async function inMidStep(name: string): Promise<string> {
  const { body } = await program.post("/tasks", { task: name });
  while (!(await said(name)).at(-1)?.startsWith("begin")) await program.get(`/tasks/${body.id}`);
  return body.id;
}

test.each(Object.keys(ways))(
  "%s ends its step, stops at the checkpoint, and can be resumed from there",
  async (name) => {
    const id = await inMidStep(name);
    const { body } = await program.post(`/tasks/${id}/cancel`, { grade: "after_step" });
    expect(body).toMatchObject({ status: "pausing", stops_after_step: true });
    expect(await program.ended(id)).toMatchObject({ status: "cancelled", failure: null });
    const [last, before] = (await said(name)).toReversed();
    expect(last).toBe("clean up");
    expect(before).toMatch(/^end \d+$/);
    const step = Number(before?.slice("end ".length));
    await program.post(`/tasks/${id}/resume`);
    while ((await said(name)).at(-1) === "clean up") await program.get(`/tasks/${id}`);
    expect((await said(name)).slice((await said(name)).indexOf("clean up") + 1)[0]).toBe(`begin ${step + 1}`);
    await program.post(`/tasks/${id}/cancel`);
    expect((await program.ended(id)).status).toBe("cancelled");
  },
);

test("a power cut before the checkpoint: it is cancelled, and nothing of it runs again", async () => {
  const id = await inMidStep("async_task");
  await program.post(`/tasks/${id}/cancel`, { grade: "after_step" });
  await program.kill();
  const before = await said("async_task");
  await program.start();
  expect(await program.get(`/tasks/${id}`)).toMatchObject({ status: "cancelled", failure: null });
  expect(await said("async_task")).toEqual(before);
});
