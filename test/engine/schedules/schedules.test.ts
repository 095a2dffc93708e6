import { describe, expect, test } from "vitest";
import { RuntimeError } from "../../../src/errors/runtime-error.ts";
import { settled } from "../../fake-clock.ts";
import { taskType } from "../world.ts";
import { day, hour, minute, ScheduleWorld, second } from "./world.ts";

const issues = (error: unknown): string[] =>
  error instanceof RuntimeError
    ? (error.details.errors as { path: string; message: string }[]).map(
        (one) => `${one.path}: ${one.message}`,
      )
    : [String(error)];

describe("when it falls due", () => {
  test("a cron line submits its task at each of its times, and the task names schedule and time", async () => {
    const world = await ScheduleWorld.open();
    const { id, next_run_at } = await world.create({ cron: "0 6 * * *", parameters: { n: 1 } });
    expect(next_run_at).toBe("2026-01-01T06:00:00.000Z");
    await world.pass(2 * day);
    expect(world.firedFor(id)).toEqual(["2026-01-01T06:00:00.000Z", "2026-01-02T06:00:00.000Z"]);
    const [task] = world.tasksOf(id);
    expect(task).toMatchObject({
      task: "plain_task",
      parameters: { n: 1 },
      created_at: task?.metadata?.due_at,
    });
    expect(world.schedules.get(id)).toMatchObject({
      fired: 2,
      missed: 0,
      last_run_at: "2026-01-02T06:00:00.000Z",
      last_task_id: world.tasksOf(id)[1]?.id,
      next_run_at: "2026-01-03T06:00:00.000Z",
    });
  });

  test("an interval counts from its creation", async () => {
    const world = await ScheduleWorld.open("2026-01-01T00:00:00.250Z");
    const { id } = await world.create({ every_seconds: 90 });
    await world.pass(5 * minute, 10 * second);
    expect(world.firedFor(id)).toEqual([
      "2026-01-01T00:01:30.250Z",
      "2026-01-01T00:03:00.250Z",
      "2026-01-01T00:04:30.250Z",
    ]);
  });

  test("what the owner says of its tasks is what they get, beside the name of the schedule", async () => {
    const world = await ScheduleWorld.open();
    const request = { task: "plain", name: "nightly", priority: 7, metadata: { lot: 3 } };
    const { id } = await world.schedules.create({ request, every_seconds: 60 });
    await world.pass(minute);
    expect(world.tasksOf(id)).toMatchObject([
      { name: "nightly", priority: 7, metadata: { lot: 3, schedule_id: id } },
    ]);
  });

  test("the time zone is that of the schedule", async () => {
    const world = await ScheduleWorld.open();
    const { next_run_at } = await world.create({ cron: "0 6 * * *", time_zone: "Asia/Kolkata" });
    expect(next_run_at).toBe("2026-01-01T00:30:00.000Z");
  });

  test("a time that the clocks skip in spring falls due once, when they have moved", async () => {
    const world = await ScheduleWorld.open("2026-03-28T12:00:00Z");
    const { id } = await world.create({ cron: "30 2 * * *", time_zone: "Europe/Berlin" });
    await world.pass(2 * day);
    expect(world.firedFor(id)).toEqual(["2026-03-29T01:00:00.000Z", "2026-03-30T00:30:00.000Z"]);
  });

  test("a time that comes twice in autumn falls due once, the first time", async () => {
    const world = await ScheduleWorld.open("2026-10-24T12:00:00Z");
    const { id } = await world.create({ cron: "30 2,14 * * *", time_zone: "Europe/Berlin" });
    await world.pass(day + hour);
    expect(world.firedFor(id)).toEqual([
      "2026-10-24T12:30:00.000Z",
      "2026-10-25T00:30:00.000Z",
      // 14:30 in winter time
    ]);
    expect(world.schedules.get(id).next_run_at).toBe("2026-10-25T13:30:00.000Z");
  });

  test("a star goes on through the hour that comes twice, and leaves out the one that is not there", async () => {
    const world = await ScheduleWorld.open("2026-10-24T23:45:00Z");
    const autumn = await world.create({ cron: "0 * * * *", time_zone: "Europe/Berlin" });
    await world.pass(3 * hour);
    expect(world.firedFor(autumn.id)).toEqual([
      "2026-10-25T00:00:00.000Z",
      "2026-10-25T01:00:00.000Z",
      "2026-10-25T02:00:00.000Z",
    ]);
    const spring = await ScheduleWorld.open("2026-03-29T00:15:00Z");
    const { id } = await spring.create({ cron: "0 * * * *", time_zone: "Europe/Berlin" });
    await spring.pass(2 * hour);
    expect(spring.firedFor(id)).toEqual(["2026-03-29T01:00:00.000Z", "2026-03-29T02:00:00.000Z"]);
  });

  test("one that never falls due again says so and stays", async () => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ cron: "0 0 6 1 1 * 2026" });
    await world.pass(day, hour);
    expect(world.firedFor(id)).toHaveLength(1);
    expect(world.schedules.get(id).next_run_at).toBeNull();
  });
});

describe("what is refused when it is made", () => {
  test.each([
    ["61 * * * *", /^cron: field 1 \(minute\): expected 0 to 59.*found '61'/],
    ["0 6 * FEBB *", /^cron: field 4 \(month\): expected 1 to 12.*found 'FEBB'/],
    ["0 */5 25 * * *", /^cron: field 3 \(hour\).*found '25'/],
    ["* * *", /^cron: expected five fields .* found 3$/],
    ["", /^cron: expected five fields .* found 0$/],
    ["at six", /^cron: expected five fields/],
    ["@reboot", /^cron: .*reboot/],
    ["0 0 30 2 *", /^cron: it never falls due/],
    ["0 0 6 1 1 * 2020", /^cron: it never falls due/],
    ["2030-01-01T00:00:00", /^cron: expected a cron line, found one date.*not_before/],
  ])("the cron line '%s'", async (cron, message) => {
    const world = await ScheduleWorld.open();
    const refusal = await world.create({ cron }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "INVALID_REQUEST" });
    expect(issues(refusal)).toEqual([expect.stringMatching(message)]);
  });

  test("a time zone that nobody knows, with the nearest one", async () => {
    const world = await ScheduleWorld.open();
    const refusal = await world.create({ cron: "0 6 * * *", time_zone: "Europe/Berlim" }).catch((e) => e);
    expect(issues(refusal)).toEqual([
      "time_zone: expected the name of a time zone such as Europe/Berlin, found 'Europe/Berlim'; did you mean 'Europe/Berlin'?",
    ]);
  });

  test("both a cron line and an interval, or neither", async () => {
    const world = await ScheduleWorld.open();
    expect(issues(await world.create({ cron: "0 6 * * *", every_seconds: 9 }).catch((e) => e))).toEqual([
      "cron: expected either cron or every_seconds, found both",
    ]);
    expect(issues(await world.create({}).catch((e) => e))).toEqual([
      "cron: expected either cron or every_seconds, found neither",
    ]);
  });

  test("every missed time made up for, while one task stands in the way of the next", async () => {
    const world = await ScheduleWorld.open();
    const refusal = await world
      .create({ every_seconds: 9, catch_up: "all", overlap: "skip" })
      .catch((e) => e);
    expect(issues(refusal)).toEqual([
      expect.stringMatching(/^overlap: with catch_up 'all' expected 'queue'/),
    ]);
    expect((await world.create({ every_seconds: 9, catch_up: "all" })).overlap).toBe("queue");
  });

  test("a type that is not there, and parameters that do not fit it", async () => {
    const world = await ScheduleWorld.open();
    const unknown = { task: "plane_task", every_seconds: 9 };
    await expect(world.create(unknown)).rejects.toMatchObject({ code: "UNKNOWN_TASK_TYPE" });
    const bad = { every_seconds: 9, parameters: { bad: true } };
    await expect(world.create(bad)).rejects.toMatchObject({ code: "INVALID_PARAMETERS" });
    expect(world.store.schedules.size).toBe(0);
  });

  test("anything while the disk refuses, and then nothing has changed", async () => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ every_seconds: 60 });
    world.store.refuses = true;
    const full = { code: "STORE_UNAVAILABLE" };
    await expect(world.create({ every_seconds: 9 })).rejects.toMatchObject(full);
    await expect(world.schedules.pause(id)).rejects.toMatchObject(full);
    await expect(world.schedules.remove(id)).rejects.toMatchObject(full);
    await world.pass(minute);
    expect(world.firedFor(id)).toHaveLength(1);
    expect(world.schedules.size).toBe(1);
  });
});

describe("while a task of its own has not ended", () => {
  const open = async (overlap: "skip" | "queue" | "replace" | "allow") => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ every_seconds: 60, overlap });
    await world.clock.advance(minute);
    const [first] = world.tasksOf(id);
    await world.clock.advance(minute);
    return { world, id, first: first?.id ?? "" };
  };

  test("skip: it brings no other, and says how often", async () => {
    const { world, id, first } = await open("skip");
    expect(world.tasksOf(id)).toHaveLength(1);
    expect(world.schedules.get(id)).toMatchObject({ fired: 1, missed: 1 });
    expect(world.events("schedule_missed")).toMatchObject([
      { schedule_id: id, because: "overlap", count: 1, due_at: "2026-01-01T00:02:00.000Z" },
    ]);
    await world.engine.run(first).finish();
    await world.clock.advance(minute);
    expect(world.tasksOf(id)).toHaveLength(2);
  });

  test("allow: they run side by side", async () => {
    const { world, id } = await open("allow");
    expect(world.tasksOf(id).map(({ status }) => status)).toEqual(["running", "running"]);
  });

  test("queue: the next one waits until it has ended, however that is", async () => {
    const { world, id, first } = await open("queue");
    expect(world.tasksOf(id).map(({ status }) => status)).toEqual(["running", "pending"]);
    await world.engine.run(first).fail();
    expect(world.tasksOf(id).map(({ status }) => status)).toEqual(["failed", "running"]);
  });

  test("replace: it is cancelled, and the next one starts when it has really ended", async () => {
    const { world, id, first } = await open("replace");
    expect(world.tasksOf(id).map(({ status }) => status)).toEqual(["cancelling", "pending"]);
    await world.engine.run(first).stop();
    expect(world.tasksOf(id).map(({ status }) => status)).toEqual(["cancelled", "running"]);
  });

  test("no more than a hundred wait, however long the first takes", async () => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ every_seconds: 1, overlap: "allow" });
    await world.clock.advance(110 * second);
    expect(world.tasksOf(id)).toHaveLength(100);
    expect(world.schedules.get(id)).toMatchObject({ fired: 100, missed: 10 });
  });

  test("one that was interrupted by a power cut waits for its owner and is in nobody's way", async () => {
    const { world, id, first } = await open("skip");
    const after = await world.reboot(second);
    expect(after.engine.status(first)).toBe("interrupted");
    await after.clock.advance(minute);
    expect(after.tasksOf(id).map(({ status }) => status)).toEqual(["interrupted", "running"]);
  });
});

describe("times that passed while nobody could fire", () => {
  const off = async (catchUp: "skip" | "once" | "all", away: number) => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ cron: "0 * * * *", catch_up: catchUp, overlap: "allow" });
    const after = await world.reboot(away);
    await after.finishAll();
    return { world: after, id };
  };

  test("skip: they are counted, and it goes on with the next", async () => {
    const { world, id } = await off("skip", 5 * hour + 30 * minute);
    expect(world.firedFor(id)).toEqual([]);
    expect(world.schedules.get(id)).toMatchObject({ missed: 5, next_run_at: "2026-01-01T06:00:00.000Z" });
    expect(world.events("schedule_missed")).toMatchObject([
      { because: "late", count: 5, due_at: "2026-01-01T05:00:00.000Z" },
    ]);
  });

  test("skip: one that is hardly late is on time", async () => {
    const { world, id } = await off("skip", 5 * hour + 30 * second);
    expect(world.firedFor(id)).toEqual(["2026-01-01T05:00:00.000Z"]);
    expect(world.schedules.get(id).missed).toBe(4);
  });

  test("once: one task for the latest of them", async () => {
    const { world, id } = await off("once", 5 * hour + 30 * minute);
    expect(world.firedFor(id)).toEqual(["2026-01-01T05:00:00.000Z"]);
    expect(world.schedules.get(id)).toMatchObject({ fired: 1, missed: 4 });
  });

  test("all: one task for each, the oldest first", async () => {
    const { world, id } = await off("all", 5 * hour + 30 * minute);
    expect(world.firedFor(id)).toEqual([1, 2, 3, 4, 5].map((n) => `2026-01-01T0${n}:00:00.000Z`));
    expect(world.schedules.get(id).missed).toBe(0);
  });

  test("all: no more than the latest hundred", async () => {
    const { world, id } = await off("all", 10 * day);
    expect(world.firedFor(id)).toHaveLength(100);
    expect(world.firedFor(id).at(-1)).toBe("2026-01-11T00:00:00.000Z");
    expect(world.schedules.get(id).missed).toBeGreaterThan(0);
  });

  test("of an interval they are counted one by one, however many", async () => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ every_seconds: 1, catch_up: "once" });
    const after = await world.reboot(365 * day);
    expect(after.schedules.get(id)).toMatchObject({ fired: 1, missed: 365 * 86_400 - 1 });
  });
});

describe("a clock that is set", () => {
  test("back by a day: nothing fires twice, and it goes on when the clock is there again", async () => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ cron: "0 */6 * * *" });
    await world.pass(day);
    const before = world.firedFor(id);
    world.clock.set(world.clock.now() - day);
    await world.pass(day - minute);
    expect(world.firedFor(id)).toEqual(before);
    await world.pass(7 * hour);
    expect(world.firedFor(id)).toEqual([...before, "2026-01-02T06:00:00.000Z"]);
  });

  test("forward by a day: the times between are passed over or made up for, as after a day without power", async () => {
    const world = await ScheduleWorld.open();
    const skip = await world.create({ cron: "0 */6 * * *" });
    const all = await world.create({ cron: "0 */6 * * *", catch_up: "all" });
    world.clock.set(world.clock.now() + day + hour);
    await world.pass(minute, second);
    expect(world.firedFor(skip.id)).toEqual([]);
    expect(world.schedules.get(skip.id)).toMatchObject({ missed: 4 });
    expect(world.firedFor(all.id)).toHaveLength(4);
    await world.pass(6 * hour);
    expect(world.firedFor(skip.id)).toEqual(["2026-01-02T06:00:00.000Z"]);
    expect(world.firedFor(all.id)).toHaveLength(5);
  });

  test("forward by mistake and back again: what was passed over falls due after all, what was made up for does not", async () => {
    const world = await ScheduleWorld.open();
    const skip = await world.create({ cron: "0 */6 * * *" });
    const once = await world.create({ cron: "0 */6 * * *", catch_up: "once" });
    world.clock.set(world.clock.now() + day + hour);
    await world.pass(minute, second);
    world.clock.set(world.clock.now() - day - hour);
    await world.pass(day + 7 * hour);
    expect(world.firedFor(skip.id)).toHaveLength(5);
    expect(world.firedFor(once.id)).toEqual(["2026-01-02T00:00:00.000Z", "2026-01-02T06:00:00.000Z"]);
  });

  test("an interval counts the time that passes, whatever the clock shows", async () => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ every_seconds: 600 });
    await world.pass(25 * minute);
    world.clock.set(world.clock.now() - day);
    await world.pass(25 * minute);
    world.clock.set(world.clock.now() + 3 * day);
    await world.pass(25 * minute);
    expect(world.firedFor(id)).toHaveLength(7);
    expect(world.schedules.get(id)).toMatchObject({ fired: 7, missed: 0 });
  });

  test("back to 1970, as without a battery, until it has asked for the time: nothing falls due meanwhile", async () => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ cron: "0 0 * * *", catch_up: "all" });
    const now = world.clock.now();
    const after = await world.reboot(-now);
    await after.pass(hour);
    after.clock.set(now + 2 * hour);
    await after.pass(hour);
    expect(after.schedules.get(id)).toMatchObject({ fired: 0, missed: 0 });
  });

  test("back while the power was off: an interval begins anew, and no time that it fired for is taken again", async () => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ every_seconds: 600 });
    await world.pass(25 * minute);
    const after = await world.reboot(-day);
    await after.pass(25 * minute);
    expect(after.tasksOf(id)).toHaveLength(4);
  });
});

describe("a power cut", () => {
  test("between the submit and the note of it: the time brings one task, not two", async () => {
    const world = await ScheduleWorld.open();
    const cron = await world.create({ cron: "0 * * * *", catch_up: "once" });
    const interval = await world.create({ every_seconds: 3600, catch_up: "once" });
    world.store.losesNotes = true;
    await world.pass(hour);
    expect([world.firedFor(cron.id), world.firedFor(interval.id)].map((fired) => fired.length)).toEqual([
      1, 1,
    ]);
    world.store.losesNotes = false;
    const after = await world.reboot(10 * second);
    expect([after.firedFor(cron.id), after.firedFor(interval.id)].map((fired) => fired.length)).toEqual([
      1, 1,
    ]);
    expect(after.schedules.get(cron.id)).toMatchObject({
      fired: 1,
      missed: 0,
      last_task_id: after.tasksOf(cron.id)[0]?.id,
    });
  });

  test("the task that was not noted stands in the way of the next one all the same", async () => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ every_seconds: 60, overlap: "skip" });
    await world.engine.manager.pauseQueue();
    world.store.losesNotes = true;
    await world.clock.advance(minute);
    const after = await world.reboot(2 * minute);
    await after.clock.advance(minute);
    expect(after.tasksOf(id)).toHaveLength(1);
  });
});

describe("a firing that fails", () => {
  test("is told, counted and shown, and the next one is tried again", async () => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ every_seconds: 60 });
    world.engine.types.delete("plain_task");
    await world.pass(minute);
    expect(world.schedules.get(id)).toMatchObject({
      fired: 0,
      missed: 1,
      last_error: { code: "UNKNOWN_TASK_TYPE", due_at: "2026-01-01T00:01:00.000Z" },
    });
    expect(world.events("schedule_failed")).toMatchObject([
      { schedule_id: id, will_retry: false, failure: { code: "UNKNOWN_TASK_TYPE" } },
    ]);
    world.engine.types.set(taskType("plain_task"));
    await world.pass(minute);
    expect(world.schedules.get(id)).toMatchObject({ fired: 1, missed: 1, last_error: null });
  });

  test("for want of a disk is tried again until it is too late, and told once", async () => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ every_seconds: 3600 });
    world.engine.store.refuses = true;
    await world.pass(hour + 20 * second, second);
    expect(world.schedules.get(id)).toMatchObject({ fired: 0, missed: 0 });
    expect(world.events("schedule_failed")).toMatchObject([{ will_retry: true }]);
    world.engine.store.recover();
    await world.pass(20 * second, second);
    expect(world.firedFor(id)).toEqual(["2026-01-01T01:00:00.000Z"]);

    world.engine.store.refuses = true;
    await world.pass(hour + minute, second);
    world.engine.store.recover();
    await world.pass(minute, second);
    expect(world.schedules.get(id)).toMatchObject({ fired: 1, missed: 1 });
  });

  test("because the machine does one task at a time comes when it is free, where it may be made up for", async () => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ every_seconds: 3600, catch_up: "once" });
    world.engine.limits = { ...world.engine.limits, singleTaskMode: true };
    const busy = await world.engine.submit("other_task");
    await world.clock.advance(hour + 10 * minute);
    expect(world.schedules.get(id).last_error).toMatchObject({ code: "BUSY" });
    await world.engine.run(busy).finish();
    await world.clock.advance(minute);
    expect(world.firedFor(id)).toEqual(["2026-01-01T01:00:00.000Z"]);
  });
});

describe("what an owner does with it", () => {
  test("paused, nothing falls due and nothing is missed; resumed, it goes on from then", async () => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ cron: "0 * * * *", catch_up: "all" });
    expect(await world.schedules.pause(id)).toMatchObject({ paused: true, next_run_at: null });
    await world.pass(3 * hour + minute);
    const after = await world.reboot(hour);
    expect(await after.schedules.resume(id)).toMatchObject({ next_run_at: "2026-01-01T05:00:00.000Z" });
    await after.pass(hour);
    expect(after.firedFor(id)).toEqual(["2026-01-01T05:00:00.000Z"]);
    expect(after.schedules.get(id).missed).toBe(0);
    expect(world.events("schedule_changed").map(({ change }) => change)).toEqual(["created", "paused"]);
  });

  test("run: a task now, paused or not, and the next one at its time", async () => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ every_seconds: 3600, paused: true });
    const taskId = await world.schedules.run(id);
    expect(world.tasksOf(id)).toMatchObject([{ id: taskId, metadata: { schedule_id: id } }]);
    expect(world.schedules.get(id)).toMatchObject({ last_task_id: taskId, fired: 1, next_run_at: null });
    await world.schedules.resume(id);
    await world.clock.advance(hour);
    expect(world.schedules.get(id)).toMatchObject({ fired: 1, missed: 1 });
  });

  test("changed, it counts from now on where its time is another, and goes on where it is the same", async () => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ every_seconds: 3600 });
    await world.pass(30 * minute);
    expect(await world.schedules.change(id, { overlap: "allow" })).toMatchObject({
      overlap: "allow",
      next_run_at: "2026-01-01T01:00:00.000Z",
    });
    expect(await world.schedules.change(id, { every_seconds: 600 })).toMatchObject({
      next_run_at: "2026-01-01T00:40:00.000Z",
    });
    const line = { every_seconds: null, cron: "0 6 * * *" };
    expect(await world.schedules.change(id, line)).toMatchObject({ next_run_at: "2026-01-01T06:00:00.000Z" });
    await expect(world.schedules.change(id, { cron: "x" })).rejects.toMatchObject({
      code: "INVALID_REQUEST",
    });
  });

  test("removed, it is gone, its tasks stay, and no timer is left", async () => {
    const world = await ScheduleWorld.open();
    const timers = world.clock.pending;
    const { id } = await world.create({ every_seconds: 60 });
    await world.pass(minute);
    await world.schedules.remove(id);
    await world.pass(minute);
    expect(world.tasksOf(id)).toHaveLength(1);
    expect(() => world.schedules.get(id)).toThrow("There is no schedule");
    expect(world.clock.pending).toBe(timers);
    await expect(world.schedules.pause(id)).rejects.toMatchObject({ code: "UNKNOWN_SCHEDULE" });
  });

  test("they are listed oldest first, in pages", async () => {
    const world = await ScheduleWorld.open();
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push((await world.create({ every_seconds: 60 })).id);
    await world.schedules.remove(ids[1] as string);
    const first = world.schedules.list({ limit: 2 });
    const rest = world.schedules.list({ limit: 9, cursor: first.next ?? "" });
    const all = [...first.schedules, ...rest.schedules];
    expect(all.map(({ id }) => id)).toEqual(ids.filter((_, index) => index !== 1));
    expect(rest.next).toBeNull();
  });

  test("a runtime that closes fires nothing more, and does so after its next start", async () => {
    const world = await ScheduleWorld.open();
    const { id } = await world.create({ every_seconds: 60, catch_up: "once" });
    await world.schedules.close();
    await expect(world.create({ every_seconds: 60 })).rejects.toMatchObject({ code: "SHUTTING_DOWN" });
    await world.clock.advance(90 * second);
    expect(world.tasksOf(id)).toEqual([]);
    const after = await world.reboot();
    await settled();
    expect(after.tasksOf(id)).toHaveLength(1);
  });
});
