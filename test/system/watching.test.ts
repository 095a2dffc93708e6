// A task that blocks the event loop, and one that ignores its cancel: what the real program says of them.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "./program.ts";

const blocking = `
import { Task, z, type In, type Ctx } from "armature/task";

function grind(ms: number): number {
  const end = performance.now() + ms;
  let turns = 0;
  while (performance.now() < end) turns++;
  return turns;
}

export class GrindTask extends Task.with({
  name: "grind_task",
  parameters: z.object({ before_ms: z.int(), ms: z.int() }),
}) {
  async run({ before_ms, ms }: In<this>, ctx: Ctx<this>) {
    await ctx.sleep(before_ms);
    return grind(ms) > 0;
  }
}

export class DeafTask extends Task.with({ name: "deaf_task", cancelGraceSeconds: 0, isExclusive: true }) {
  async run() {
    await new Promise(() => undefined);
  }
}

export class QuietTask extends Task.with({ name: "quiet_task" }) {
  async run(_: In<this>, ctx: Ctx<this>) {
    await ctx.sleep(3000);
    ctx.log.info("here I am");
    await ctx.sleep(60_000);
  }
}
`;

interface Heard {
  readonly type: string;
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  await program.addTask("grind_task.ts", blocking);
  await program.editSettings("firmware.json", (settings) => {
    settings.limits = { stall_seconds: 1 };
    // In a process of its own it would block no loop but that one, and be ended when it is deaf.
    settings.trusted_task_files = true;
  });
  await program.start();
});
afterAll(() => program.remove());

const events = async (type: string): Promise<Heard[]> =>
  (
    (await (
      await fetch(`${program.url}/events`, { headers: { accept: "application/json" } })
    ).json()) as Heard[]
  ).filter((event) => event.type === type);

/** @param id of the task, or null where it is about none */
async function untilHeard(type: string, id: string | null): Promise<Heard> {
  for (;;) {
    const event = (await events(type)).find(({ task_id }) => task_id === id);
    if (event) return event;
  }
}

test("a blocked event loop is logged while it is blocked, with who runs and where, and reported when it turns again", async () => {
  // The thread that watches is there a moment after the start.
  const { body } = await program.post("/tasks", {
    task: "grind_task",
    parameters: { before_ms: 3000, ms: 5000 },
  });
  expect((await program.ended(body.id)).status).toBe("completed");
  const event = await untilHeard("loop_blocked", null);
  expect(event).toMatchObject({
    task_id: null,
    running: [{ task_id: body.id, task: "grind_task" }],
    where: expect.stringMatching(/^(grind|run) \(.*\/grind_task\.ts\)$/),
  });
  expect(event.blocked_ms).toBeGreaterThan(4000);
  const lines = program.output
    .split("\n")
    .flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
  const during = lines.find(({ msg }) => msg === "the event loop is blocked");
  expect(during).toMatchObject({ level: 40, running: [`grind_task ${body.id}`] });
  expect(Date.parse(event.timestamp) - Date.parse(during.time)).toBeGreaterThan(1000);
  expect(lines.find(({ msg }) => msg === "the event loop is blocked here")?.where).toBe(event.where);
  expect(lines.find(({ msg }) => msg === "the event loop was blocked")).toMatchObject({ where: event.where });
  expect(await program.get("/health/ready")).toMatchObject({
    ready: true,
    checks: { event_loop: { ok: false, problem: expect.stringContaining(`grind_task ${body.id}`) } },
  });
}, 60_000);

test("a silent task is told, shown and named in the readiness; so is that it is heard again", async () => {
  const { body } = await program.post("/tasks", { task: "quiet_task" });
  const silent = await untilHeard("task_silent", body.id);
  expect((await program.get(`/tasks/${body.id}`)).silent_since).toBe(silent.since);
  expect(await program.get("/health/ready")).toMatchObject({
    ready: true,
    checks: {
      tasks: { ok: false, problem: expect.stringContaining(`1 task is silent: quiet_task ${body.id}`) },
    },
  });
  expect(await untilHeard("task_heard", body.id)).toMatchObject({
    task_id: body.id,
    silent_seconds: expect.any(Number),
  });
  await program.post(`/tasks/${body.id}/cancel`);
  await program.ended(body.id);
});

test("a stuck exclusive task has the machine: the runtime is not ready, and says which task it is", async () => {
  const { body } = await program.post("/tasks", { task: "deaf_task" });
  while ((await program.get(`/tasks/${body.id}`)).status !== "running");
  await program.post(`/tasks/${body.id}/cancel`);
  const stuck = await untilHeard("task_stuck", body.id);
  expect((await program.get(`/tasks/${body.id}`)).stuck_since).toBe(stuck.since);
  const ready = await fetch(`${program.url}/health/ready`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({
    ready: false,
    checks: {
      tasks: { problem: expect.stringMatching(new RegExp(`1 task is stuck.*deaf_task ${body.id}`)) },
    },
  });
}, 30_000);
