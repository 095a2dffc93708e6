import { afterEach, beforeEach, expect, test } from "vitest";
import { ApiWorld, until } from "./world.ts";

let world: ApiWorld;

beforeEach(async () => {
  world = await ApiWorld.open();
});
afterEach(() => world.close());

const make = async (more: object = {}) => {
  const json = { task: "count", parameters: { steps: 3 }, cron: "0 6 * * *", ...more };
  return world.ask("POST", "/schedules", { json });
};

test("a schedule is made, shown, listed and forgotten", async () => {
  const { status, headers, body } = await make({ name: "nightly", time_zone: "Europe/Berlin", priority: 5 });
  expect([status, headers.location]).toEqual([201, `/schedules/${body.id}`]);
  expect(body).toMatchObject({
    name: "nightly",
    task: "count",
    parameters: { steps: 3 },
    priority: 5,
    cron: "0 6 * * *",
    every_seconds: null,
    time_zone: "Europe/Berlin",
    overlap: "skip",
    catch_up: "skip",
    paused: false,
    last_run_at: null,
    fired: 0,
  });
  expect(Date.parse(body.next_run_at)).toBeGreaterThan(Date.now());
  expect((await world.ask("GET", `/schedules/${body.id}`)).body).toEqual(body);
  expect((await world.ask("GET", "/schedules")).body).toEqual([body]);
  expect((await world.ask("DELETE", `/schedules/${body.id}`)).status).toBe(204);
  const gone = await world.ask("GET", `/schedules/${body.id}`);
  expect([gone.status, gone.body.code]).toEqual([404, "UNKNOWN_SCHEDULE"]);
});

test("it fires by itself, and the task leads back to it", async () => {
  const { body } = await make({ cron: null, every_seconds: 1 });
  await until(() => world.manager.list().tasks.length > 0);
  const [task] = (await world.ask("GET", "/tasks")).body;
  expect(task.metadata).toMatchObject({ schedule_id: body.id });
  const after = (await world.ask("GET", `/schedules/${body.id}`)).body;
  expect(after).toMatchObject({ last_task_id: task.id, links: { last_task: `/tasks/${task.id}` } });
});

test("paused, resumed and run by hand", async () => {
  const { id } = (await make()).body;
  expect((await world.ask("POST", `/schedules/${id}/pause`)).body).toMatchObject({
    paused: true,
    next_run_at: null,
  });
  const run = await world.ask("POST", `/schedules/${id}/run`);
  expect([run.status, run.headers.location]).toEqual([202, `/tasks/${run.body.id}`]);
  expect(run.body).toMatchObject({ task: "count_task", metadata: { schedule_id: id } });
  const resumed = (await world.ask("POST", `/schedules/${id}/resume`)).body;
  expect(resumed).toMatchObject({ paused: false, last_task_id: run.body.id, fired: 1 });
  expect(resumed.next_run_at).not.toBeNull();
});

test("a change takes what it names, and null takes a field back to its default", async () => {
  const { id } = (await make({ priority: 5, metadata: { lot: 3 }, catch_up: "once" })).body;
  const json = { priority: null, parameters: { steps: 9 }, time_zone: "Asia/Kolkata", catch_up: null };
  const { body } = await world.ask("PATCH", `/schedules/${id}`, { json });
  expect(body).toMatchObject({
    priority: null,
    parameters: { steps: 9 },
    metadata: { lot: 3 },
    time_zone: "Asia/Kolkata",
    catch_up: "skip",
    cron: "0 6 * * *",
  });
  const other = await world.ask("PATCH", `/schedules/${id}`, { json: { cron: null, every_seconds: 30 } });
  expect(other.body).toMatchObject({ cron: null, every_seconds: 30 });
  const unknown = await world.ask("PATCH", `/schedules/${id}`, { json: { task: "cuont" } });
  expect([unknown.status, unknown.body.code]).toEqual([404, "UNKNOWN_TASK_TYPE"]);
  expect((await world.ask("GET", `/schedules/${id}`)).body.task).toBe("count");
});

test.each([
  ["a cron line that nobody can read", { cron: "61 * * * *" }, "cron"],
  ["a day that never comes", { cron: "0 0 30 2 *" }, "cron"],
  ["a time zone that is none", { time_zone: "Mars/Olympus" }, "time_zone"],
  ["an interval beside a cron line", { every_seconds: 60 }, "cron"],
  ["a word that is none", { overlap: "sometimes" }, "overlap"],
  ["a key that is none", { crom: "0 6 * * *" }, "crom"],
  ["a delay, which is the schedule's own business", { delay_seconds: 5 }, "delay_seconds"],
  ["parameters that do not fit", { parameters: { bad: true } }, "parameters.bad"],
])("%s is refused with its place", async (_, more, place) => {
  const { status, body } = await make(more);
  expect([status, body.errors.map(({ path }: { path: string }) => path)]).toEqual([422, [place]]);
  expect((await world.ask("GET", "/schedules")).body).toEqual([]);
});

test("the list has pages", async () => {
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) ids.push((await make()).body.id);
  const first = await world.ask("GET", "/schedules?limit=3");
  const link = /^<(.*)>; rel="next"$/.exec(String(first.headers.link))?.[1] ?? "";
  const second = await world.ask("GET", link);
  expect([...first.body, ...second.body].map(({ id }: { id: string }) => id)).toEqual(ids);
  expect(second.headers.link).toBeUndefined();
});

test("what happens to schedules is told", async () => {
  const { id } = (await make()).body;
  await world.ask("POST", `/schedules/${id}/run`);
  await world.ask("DELETE", `/schedules/${id}`);
  const events = (await world.ask("GET", "/events", { headers: { accept: "application/json" } })).body;
  const ours = events.filter((event: { schedule_id?: string }) => event.schedule_id === id);
  expect(ours.map(({ type, change }: { type: string; change?: string }) => change ?? type)).toEqual([
    "created",
    "schedule_fired",
    "removed",
  ]);
});
