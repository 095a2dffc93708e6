// kill -9 at random moments while a schedule fires every second. The seed is printed; keep a failing one.
import { afterEach, beforeEach, expect, test } from "vitest";
import { randomOf } from "../random.ts";
import { Program, type WireTask } from "./program.ts";

const seed = Number(process.env.ARMATURE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`schedules and kill -9: seed ${seed}`);
const chance = randomOf(seed);

let program: Program;
beforeEach(async () => {
  program = await Program.create();
});
afterEach(() => program.remove());

test("killed again and again, a schedule brings each of its times one task: none twice, none lost", async () => {
  await program.start();
  const { body } = await program.post("/schedules", {
    task: "hello_world_async",
    parameters: { total_steps: 1, delay_seconds: 0 },
    cron: "* * * * * *",
    catch_up: "all",
    overlap: "allow",
  });
  for (let kills = 0; kills < 4; kills++) {
    // Close behind a second: that is when tasks are accepted and schedules are written.
    const past = Date.now() % 1000;
    await new Promise((resolve) => setTimeout(resolve, 2000 - past + chance() * 40));
    await program.kill();
    await program.start();
  }
  const created = Date.parse(String(body.created_at));
  const enough = Date.now() + 2000;
  let dues: number[] = [];
  while ((dues.at(-1) ?? 0) < enough) {
    const tasks = await program.get<WireTask[]>("/tasks?limit=1000");
    dues = tasks.map(({ metadata }) => Date.parse((metadata as { due_at: string }).due_at)).toSorted();
  }
  const first = Math.floor(created / 1000) * 1000 + 1000;
  expect(dues).toEqual(Array.from({ length: dues.length }, (_, index) => first + index * 1000));
}, 120_000);
