import { afterEach, beforeEach, expect, test } from "vitest";
import { ApiWorld } from "./world.ts";

let world: ApiWorld;

beforeEach(async () => {
  world = await ApiWorld.open();
});
afterEach(() => world.close());

test("the task types say what they take and how they behave", async () => {
  const { body } = await world.ask("GET", "/task-types");
  expect(body.map(({ name }: { name: string }) => name)).toEqual([
    "count_task",
    "crop_task",
    "exclusive_task",
  ]);
  const one = await world.ask("GET", "/task-types/count");
  expect(one.body).toMatchObject({
    name: "count_task",
    action: "count",
    description: "Counts.",
    policy: { is_exclusive: false, lane: "async", on_restart: "ask" },
    parameters: { type: "object" },
  });
  expect((await world.ask("GET", "/task-types/cuont_task")).body.remediation).toContain("count_task");
});

test("the plugins are listed and looked for again", async () => {
  expect((await world.ask("GET", "/plugins")).body[0].rediscovered).toBe(0);
  expect((await world.ask("POST", "/plugins/rediscover")).body[0].rediscovered).toBe(1);
});

test("a paused queue starts nothing and says why each task waits", async () => {
  expect((await world.ask("POST", "/queue/pause")).body).toMatchObject({ paused: true, length: 0 });
  const [first, second] = [await world.submit(), await world.submit()];
  const { body } = await world.ask("GET", "/queue");
  expect(body.tasks.map((task: { id: string }) => task.id)).toEqual([first, second]);
  expect(body.tasks[0].queue_position).toBe(1);
  expect(body.tasks[0].blocked_by.length).toBeGreaterThan(0);
  expect((await world.ask("POST", "/queue/resume")).body.paused).toBe(false);
  await world.run(second);
  expect((await world.ask("GET", "/queue")).body).toMatchObject({ length: 0 });
});

test("the figures count by status and by type", async () => {
  await world.finish(await world.submit());
  const { body } = await world.ask("GET", "/tasks/stats");
  expect(body.counts.completed).toBe(1);
  expect(body.tasks.count_task).toMatchObject({ count: 1, success_rate: 1 });
});

test("devices are listed and shown", async () => {
  expect((await world.ask("GET", "/devices")).body).toEqual(world.devices);
  expect((await world.ask("GET", "/devices/rotor")).body).toEqual(world.devices[0]);
});

test("settings are shown and changed", async () => {
  const { body } = await world.ask("PATCH", "/settings", { json: { log_level: "debug" } });
  expect(body.applied).toEqual(["log_level"]);
  expect((await world.ask("GET", "/settings")).body.log_level).toBe("debug");
});

test("ready means able to work", async () => {
  expect((await world.ask("GET", "/health/ready")).body).toEqual({ ready: true, checks: { store: "ok" } });
  world.ready = false;
  const { status, body } = await world.ask("GET", "/health/ready");
  expect([status, body.ready]).toEqual([503, false]);
  expect((await world.ask("GET", "/health/live")).status).toBe(200);
});

test("the docs page and all it is made of come from this server", async () => {
  const page = await world.ask("GET", "/docs");
  const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file as string);
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) {
    expect(file).toMatch(/^\/docs\//);
    expect((await world.ask("GET", file)).status).toBe(200);
  }
  for (const file of ["/docs/package.json", "/docs/..%2fpackage.json", "/docs/constructor"])
    expect((await world.ask("GET", file)).status).toBe(404);
});

test("HEAD answers like GET without a body, on streams too", async () => {
  for (const where of ["/tasks", "/openapi.json", "/events"]) {
    const { status, text } = await world.ask("HEAD", where);
    expect([where, status, text]).toEqual([where, 200, ""]);
  }
});
