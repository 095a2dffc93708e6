import { afterEach, beforeEach, expect, test } from "vitest";
import { stageTasks } from "../../../src/api/dialects/stage/operations.ts";
import { taskType } from "../../engine/world.ts";
import { ApiWorld, until } from "../world.ts";

let world: ApiWorld;
const types = [...stageTasks.map((name) => taskType(name)), taskType("scan_task")];
beforeEach(async () => {
  world = await ApiWorld.open({ types });
});
afterEach(() => world.close());

const post = (where: string, json: object = {}) => world.ask("POST", where, { json });
const get = async (where: string) => (await world.ask("GET", where)).body;
const started = async (where: string, json: object = {}): Promise<string> => {
  const { status, body } = await post(where, json);
  expect([status, body]).toEqual([202, expect.anything()]);
  return body.task_id;
};
/** The parameters our task was given. */
const given = (id: string) => world.manager.get(id).parameters;
const end = async (id: string) => {
  await world.finish(id);
};

test("a move is accepted with 202, its id, its operation, its status and where to look", async () => {
  const { status, headers, body } = await post("/move/relative", { axis_id: 3, distance: 100, speed: 50 });
  expect(status).toBe(202);
  expect(body).toEqual({
    task_id: expect.stringMatching(/^[\da-f-]{36}$/),
    operation_type: "axis_movement",
    status: "pending",
    status_url: `/move/status/${body.task_id}`,
  });
  expect(headers.location).toBe(body.status_url);
  expect((await get(body.status_url)).task_id).toBe(body.task_id);
});

test.each([
  ["/move/relative", { axis_id: 3, distance: 100, speed: 50 }, { axis: "z", distance: 100, speed: 50 }],
  ["/move/relative", { axis_number: 4, distance: -0.5 }, { axis: "tx", distance: -0.5 }],
  ["/move/relative", { axis: 6, distance: 1, speed: null }, { axis: "tz", distance: 1 }],
  ["/move/relative", { axis_id: 2, axis: 2, axis_number: null, distance: 1 }, { axis: "y", distance: 1 }],
  ["/move/absolute", { axis_id: 1, position: 0 }, { axis: "x", position: 0 }],
  ["/move/absolute", { movement_type: "absolute", axis: 5, position: 2 }, { axis: "ty", position: 2 }],
  [
    "/execute",
    { operation_type: "axis_movement", movement_type: "relative", axis_number: 3, distance: 100, speed: 50 },
    { axis: "z", distance: 100, speed: 50 },
  ],
  ["/execute", { operation_type: "axis_movement", axis: 3, position: 7 }, { axis: "z", position: 7 }],
  ["/execute", { operation_type: "profile_measurement", axis: 1, points: 9 }, { axis: "x", points: 9 }],
  ["/profile/execute", { axis_id: 2 }, { axis: "y" }],
  ["/angle-adjustment/execute", { threshold: 3 }, { threshold: 3 }],
  ["/alignment/flat/execute", {}, {}],
  ["/alignment/flat/execute", { axes: [2, 1] }, { axes: ["y", "x"] }],
  [
    "/angle-adjustment/execute",
    { axes: [4, "ty"], recentre_axes: [] },
    { axes: ["tx", "ty"], recentre_axes: [] },
  ],
  ["/angle-adjustment/execute", { axes: [9, null] }, { axes: [9, null] }],
])("%s %j becomes the parameters %j", async (where, body, parameters) => {
  expect(given(await started(where, body))).toEqual(parameters);
});

test.each([
  ["/angle-adjustment", "angle_adjustment"],
  ["/alignment/flat", "flat_alignment"],
  ["/alignment/focus", "focus_alignment"],
  ["/profile", "profile_measurement"],
])("%s/execute starts the %s", async (path, operation) => {
  const { status, body } = await world.ask("POST", `${path}/execute`);
  expect([status, body.operation_type, body.status_url]).toEqual([
    202,
    operation,
    `${path}/status/${body.task_id}`,
  ]);
  expect(world.manager.get(body.task_id).task).toBe(`${operation}_task`);
  await world.run(body.task_id);
  expect((await post(`${path}/stop/${body.task_id}`)).body.status).toBe("stopping");
});

test("what /execute starts is looked at below /status", async () => {
  const { body } = await post("/execute", { operation_type: "flat_alignment" });
  expect(body).toMatchObject({ operation_type: "flat_alignment", status_url: `/status/${body.task_id}` });
  expect((await get(body.status_url)).operation_type).toBe("flat_alignment");
});

test.each([
  ["/move/relative", { distance: 1 }, "axis_id"],
  ["/move/relative", { axis_id: 0, distance: 1 }, "axis_id"],
  ["/move/relative", { axis_id: 7, distance: 1 }, "axis_id"],
  ["/move/relative", { axis_id: 2.5, distance: 1 }, "axis_id"],
  ["/move/relative", { axis: "z", distance: 1 }, "axis"],
  ["/move/relative", { axis_id: 1, axis: 2, distance: 1 }, "axis_id"],
  ["/move/relative", { axis_id: 1 }, "distance"],
  ["/move/relative", { axis_id: 1, position: 1 }, "position"],
  ["/move/relative", { axis_id: 1, distance: 1, speed: 0 }, "speed"],
  ["/move/absolute", { axis_id: 1, distance: 1 }, "distance"],
  ["/move/absolute", { axis_id: 1, position: "far" }, "position"],
  ["/move/absolute", { movement_type: "relative", axis_id: 1, position: 1 }, "movement_type"],
  ["/execute", { operation_type: "welding" }, "operation_type"],
  ["/execute", {}, "operation_type"],
  ["/execute", { operation_type: "axis_movement", axis: 1, distance: 1, position: 1 }, "distance"],
  ["/profile/execute", { axis_id: 9 }, "axis_id"],
  ["/profile/execute", { bad: 1 }, "bad"],
])("%s %j is a 422 that names %s, and nothing is submitted", async (where, body, field) => {
  const answer = await post(where, body);
  expect(answer.status).toBe(422);
  expect(answer.body.errors.map(({ path }: { path: string }) => path)).toContain(field);
  expect(world.manager.live()).toEqual([]);
});

test("a second operation is refused while one waits, runs, is paused or still stops, and says which", async () => {
  const first = await started("/move/relative", { axis_id: 3, distance: 100 });
  const run = await world.run(first);
  const refused = async () => {
    const { status, body } = await post("/alignment/flat/execute");
    expect([status, body.code, body.details.task_id]).toEqual([409, "BUSY", first]);
    expect(body.remediation).toContain("limits.stage_single_task");
  };
  await refused();
  await world.manager.pause(first);
  await run.reachCheckpoint();
  await refused();
  await post(`/move/stop/${first}`);
  await refused();
  await run.stop();
  await until(() => world.manager.get(first).status === "cancelled");
  await end(await started("/alignment/flat/execute"));
});

test("an operation that came over POST /tasks is in the way too; a task of another kind is not", async () => {
  await world.submit("scan_task");
  const id = await world.submit("profile_measurement_task");
  expect((await post("/move/relative", { axis: 1, distance: 1 })).body.details.task_id).toBe(id);
});

test("without stage_single_task operations queue as tasks do", async () => {
  const free = await ApiWorld.open({ types, limits: { stageSingleTask: false } });
  const move = () => free.ask("POST", "/move/relative", { json: { axis: 1, distance: 1 } });
  expect([(await move()).status, (await move()).status]).toEqual([202, 202]);
  await free.close();
});

test("the same Idempotency-Key is the same operation, not a second one that is refused", async () => {
  const asking = { json: { axis: 1, distance: 1 }, headers: { "Idempotency-Key": "move-1" } };
  const first = await world.ask("POST", "/move/relative", asking);
  const again = await world.ask("POST", "/move/relative", asking);
  expect([again.status, again.body.task_id]).toEqual([202, first.body.task_id]);
});

test("progress of a move is flat, with the number of its axis, from before its first step on", async () => {
  const id = await started("/move/absolute", { axis_id: 3, position: 1600 });
  const run = await world.run(id);
  const flat = { axis: 3, target_position: 1600 };
  expect((await get(`/move/status/${id}`)).progress).toEqual({
    ...flat,
    current_position: null,
    progress_percent: 0,
    elapsed_time: 0,
    message: null,
  });
  const data = {
    axis: "z",
    current_position: 1523.45,
    target_position: 1600,
    progress_percent: 65,
    elapsed_time: 1.3,
    message: "Movement in progress",
  };
  run.events.progress({ current: 65, total: 100, message: "Movement in progress", data });
  await until(() => world.manager.get(id).progress.current === 65);
  expect((await get(`/move/status/${id}`)).progress).toEqual({ ...data, axis: 3 });
});

test("progress of an alignment is its phase, in words and numbers", async () => {
  const id = await started("/angle-adjustment/execute");
  const run = await world.run(id);
  const before = {
    phase: null,
    phase_description: null,
    elapsed_time: 0,
    progress_percent: 0,
    message: null,
  };
  expect((await get(`/angle-adjustment/status/${id}`)).progress).toEqual(before);
  const data = {
    phase: "AdjustingTx",
    phase_description: "Adjusting Tx axis",
    elapsed_time: 15.3,
    progress_percent: 60,
    message: "Phase: AdjustingTx",
  };
  run.events.progress({ current: 60, total: 100, data });
  await until(() => world.manager.get(id).progress.current === 60);
  expect((await get(`/angle-adjustment/status/${id}`)).progress).toEqual(data);
});

test("every status of ours is a word of the stage's", async () => {
  const id = await started("/move/relative", { axis: 1, distance: 1 });
  const run = await world.run(id);
  const seen: string[] = [];
  const look = async () => {
    const { status } = world.manager.get(id);
    seen.push(`${status}: ${(await get(`/move/status/${id}`)).status}`);
  };
  await look();
  await world.manager.pause(id);
  await look();
  await run.reachCheckpoint();
  await until(() => world.manager.get(id).status === "paused");
  await look();
  await world.manager.cancel(id);
  await look();
  await run.stop();
  await until(() => world.manager.get(id).status === "cancelled");
  await look();
  expect(seen).toEqual([
    "running: running",
    "pausing: running",
    "paused: paused",
    "cancelling: stopping",
    "cancelled: cancelled",
  ]);
});

test("a failed and an interrupted operation are failed, and say why", async () => {
  const id = await started("/move/relative", { axis: 1, distance: 1 });
  await (await world.run(id)).fail("x does not answer");
  await until(() => world.manager.get(id).status === "failed");
  expect(await get(`/move/status/${id}`)).toMatchObject({ status: "failed", error: "x does not answer" });
  const left = await started("/profile/execute");
  const run = await world.run(left);
  const closed = world.manager.close();
  await run.stop();
  await closed;
  expect(await get(`/status/${left}`)).toMatchObject({
    status: "failed",
    error: expect.stringContaining("The runtime ended"),
  });
});

test("a completed move has its result, with the number of its axis", async () => {
  const id = await started("/move/relative", { axis: 3, distance: 100 });
  await world.finish(id, { axis: "z", unit: "um", start: 0, position: 100, travelled: 100, requested: 100 });
  expect(await get(`/move/status/${id}`)).toMatchObject({
    status: "completed",
    result: { axis: 3, unit: "um", start: 0, position: 100, travelled: 100, requested: 100 },
    error: null,
    partial_result: null,
  });
});

test("a stopped move says how far it came", async () => {
  const id = await started("/move/relative", { axis: 3, distance: 100 });
  const run = await world.run(id);
  const { status, body } = await post(`/move/stop/${id}`);
  expect([status, body.status, body.task_id]).toEqual([200, "stopping", id]);
  const way = { start: 0, position: 31, travelled: 31, requested: 100 };
  run.events.partialResult(way);
  await run.stop();
  await until(() => world.manager.get(id).status === "cancelled");
  expect(await get(`/move/status/${id}`)).toMatchObject({
    status: "cancelled",
    result: null,
    partial_result: way,
  });
  expect((await post(`/move/stop/${id}`)).body.code).toBe("WRONG_STATE");
});

test("an operation is stopped by whichever door the stop comes", async () => {
  const id = await started("/alignment/focus/execute");
  await world.run(id);
  expect((await post(`/move/stop/${id}`)).body).toMatchObject({
    operation_type: "focus_alignment",
    status: "stopping",
  });
});

test("a task that is no operation of the stage is not shown and not stopped, and the answer says where it is", async () => {
  const id = await world.submit("scan_task");
  await world.run(id);
  for (const { status, body } of [await world.ask("GET", `/status/${id}`), await post(`/stop/${id}`)]) {
    expect([status, body.code]).toEqual([404, "NOT_A_STAGE_OPERATION"]);
    expect(body.remediation).toContain(`/tasks/${id}/cancel`);
  }
  expect(world.manager.get(id).status).toBe("running");
});

test("an unknown id is a 404, and a stop whose id is empty stops nothing", async () => {
  const id = await world.submit("scan_task");
  await world.run(id);
  expect((await world.ask("GET", "/move/status/x")).body.code).toBe("UNKNOWN_TASK");
  for (const where of ["/stop/", "/move/stop/", "/profile/stop/"]) {
    const { status, body } = await post(where);
    expect([where, status, body.code]).toEqual([where, 404, "UNKNOWN_ROUTE"]);
  }
  expect(world.manager.get(id).status).toBe("running");
  expect(world.manager.queue().paused).toBe(false);
});

test("a machine that has no such operation says so", async () => {
  world.types.delete("focus_alignment_task");
  const { status, body } = await post("/alignment/focus/execute");
  expect([status, body.code]).toEqual([404, "UNKNOWN_TASK_TYPE"]);
});

test("a server that does not speak it has none of its routes, and the emergency stop all the same", async () => {
  const without = await ApiWorld.open({ types, dialects: ["storycore"] });
  const move = await without.ask("POST", "/move/relative", { json: { axis: 1, distance: 1 } });
  const stop = await without.ask("POST", "/stop");
  await without.close();
  expect([move.status, stop.status]).toEqual([404, 200]);
});

test("its routes stand in the OpenAPI document under their own tag", async () => {
  const { paths } = await get("/openapi.json");
  expect(paths["/move/relative"].post.tags).toEqual(["stage"]);
  expect(paths["/profile/stop/{task_id}"].post.tags).toEqual(["stage"]);
});
