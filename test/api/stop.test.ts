// The emergency stop on the wire.
import { afterEach, expect, test } from "vitest";
import { ApiWorld, type WorldOptions } from "./world.ts";

let world: ApiWorld;
afterEach(() => world.close());

const open = async (options: WorldOptions = {}): Promise<void> => {
  world = await ApiWorld.open(options);
};

test("POST /stop cancels what runs and waits, pauses the queue and says so; again it is no harm", async () => {
  await open();
  const [running, waiting] = [await world.submit("exclusive_task"), await world.submit()];
  const run = await world.run(running);
  const { status, body } = await world.ask("POST", "/stop");
  expect([status, body]).toEqual([
    200,
    {
      stopped: true,
      stored: true,
      devices: [],
      tasks: [
        { id: running, task: "exclusive_task", status: "cancelling" },
        { id: waiting, task: "count_task", status: "cancelled" },
      ],
    },
  ]);
  await run.stop();
  expect((await world.ask("POST", "/stop")).body.tasks).toEqual([]);
  expect((await world.ask("GET", "/queue")).body).toMatchObject({ paused: true, paused_because: "stopped" });
  expect(world.events.since(0)?.filter(({ type }) => type === "queue_changed")[0]).toMatchObject({
    paused: true,
    paused_because: "stopped",
  });
  expect((await world.ask("POST", "/queue/resume")).body).toMatchObject({
    paused: false,
    paused_because: null,
    paused_since: null,
  });
});

test("an id that was left empty is never the emergency stop", async () => {
  await open();
  const id = await world.submit();
  await world.run(id);
  for (const where of ["/stop/", "/stop//", "//stop", "/stop/?x=1"]) {
    const { status, body } = await world.ask("POST", where);
    expect([where, status, body.code]).toEqual([where, 404, "UNKNOWN_ROUTE"]);
  }
  expect((await world.ask("GET", "/stop")).status).toBe(405);
  expect((await world.ask("GET", `/tasks/${id}`)).body.status).toBe("running");
  expect((await world.ask("GET", "/queue")).body.paused).toBe(false);
});

test("whatever the body is, it is the stop", async () => {
  await open();
  for (const body of ["{", "[]", '{"stop": false}'])
    expect((await world.ask("POST", "/stop", { body })).status).toBe(200);
});

test("from this machine it needs no token, but no page from elsewhere and no foreign name may use that", async () => {
  await open({ security: { token: "s3cret" } });
  const status = async (headers: Record<string, string>) =>
    (await world.ask("POST", "/stop", { headers })).status;
  expect(await status({})).toBe(200);
  expect(await status({ origin: "https://evil.example" })).toBe(403);
  expect(await status({ host: "evil.example" })).toBe(403);
  // A proxy on this machine speaks for somebody who is elsewhere.
  for (const header of ["x-forwarded-for", "forwarded"]) {
    expect([header, await status({ [header]: "203.0.113.7" })]).toEqual([header, 401]);
    const known = { [header]: "203.0.113.7", authorization: "Bearer s3cret" };
    expect([header, await status(known)]).toEqual([header, 200]);
  }
  expect((await world.ask("POST", "/queue/resume")).status).toBe(401);
});

test("with a disk that takes nothing the answer comes all the same and says that the stop is not stored", async () => {
  await open();
  const run = await world.run(await world.submit());
  world.store.refuses = true;
  const { status, body } = await world.ask("POST", "/stop");
  expect([status, body.stopped, body.stored, run.reason]).toEqual([200, true, false, "user"]);
  world.store.recover();
});

test("a cancel after the step shows as pausing, and ends at the next checkpoint", async () => {
  await open();
  const id = await world.submit();
  const run = await world.run(id);
  const { status, body } = await world.ask("POST", `/tasks/${id}/cancel`, { json: { grade: "after_step" } });
  expect([status, body.status, body.stops_after_step]).toEqual([200, "pausing", true]);
  expect((await world.ask("GET", `/tasks/${id}`)).body.stops_after_step).toBe(true);
  await run.reachCheckpoint();
  await run.stop();
  expect((await world.ask("GET", `/tasks/${id}`)).body).toMatchObject({
    status: "cancelled",
    stops_after_step: false,
  });
});

test("without a grade, and by DELETE, a cancel is at once; an unknown grade is refused", async () => {
  await open();
  for (const [method, way, json] of [
    ["POST", "/cancel", undefined],
    ["POST", "/cancel", {}],
    ["POST", "/cancel", { grade: "cancel" }],
    ["POST", "/cancel", { grade: null }],
    ["DELETE", "", undefined],
  ] as const) {
    const id = await world.submit();
    const run = await world.run(id);
    const { body } = await world.ask(method, `/tasks/${id}${way}`, json === undefined ? {} : { json });
    expect([json, body.status]).toEqual([json, "cancelling"]);
    await run.stop();
  }
  const id = await world.submit();
  await world.run(id);
  const refused = await world.ask("POST", `/tasks/${id}/cancel`, { json: { grade: "after_stp" } });
  expect([refused.status, refused.body.errors[0].path]).toEqual([422, "grade"]);
});
