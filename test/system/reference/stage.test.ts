// The alignment stage's dialect over the real program and its simulated stage: what moves, stops and finds light.
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Program } from "../program.ts";
import { Ear } from "./ear.ts";

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  await program.start();
});
afterEach(async () => {
  for (const { id } of await program.get<{ id: string }[]>("/tasks?status=pending,running,cancelling")) {
    await program.post(`/tasks/${id}/cancel`);
    await program.ended(id);
  }
});
afterAll(() => program.remove());

interface Operation {
  readonly task_id: string;
  readonly operation_type: string;
  readonly status: string;
  readonly status_url: string;
  readonly progress: Record<string, number | string | null>;
  readonly result: Record<string, number> | null;
  readonly partial_result: Record<string, number> | null;
  readonly [field: string]: unknown;
}

const post = (where: string, body: object = {}) => program.post<Operation>(where, body);
const look = (where: string) => program.get<Operation>(where);

const positionOf = async (device: string): Promise<number> =>
  (await program.get<{ position_um: number }>(`/devices/${device}`)).position_um;

test("a move stopped after 0.3 s stands still in mid-flight, short of its target, and says how far it came", async () => {
  const ear = await Ear.open(program.url);
  const before = await positionOf("z");
  const { body: started } = await post("/move/relative", { axis_id: 3, distance: 100, speed: 50 });
  await ear.first(
    ({ task_id, progress }) =>
      task_id === started.task_id && Number(progress?.data?.elapsed_time ?? 0) >= 0.3,
  );
  await post(`/move/stop/${started.task_id}`);
  await program.ended(started.task_id);
  ear.close();
  const { status, partial_result: way } = await look(started.status_url);
  expect(status).toBe("cancelled");
  expect(way).toMatchObject({ start: before, requested: 100 });
  expect(way?.travelled).toBeGreaterThan(0);
  expect(way?.travelled).toBeLessThan(100);
  expect(way?.position).toBeCloseTo(before + (way?.travelled ?? 0), 3);
  expect(await positionOf("z")).toBeCloseTo(way?.position ?? Number.NaN, 3);
});

test("the whole life of a stopped move is seen: a UUID, pending, running, stopping, cancelled", async () => {
  const ear = await Ear.open(program.url);
  const { status, body } = await post("/move/relative", { axis_id: 1, distance: 500, speed: 50 });
  expect([status, body.status]).toEqual([202, "pending"]);
  expect(body.task_id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  await ear.first(({ type, task_id }) => type === "task_progress" && task_id === body.task_id);
  const seen = [(await look(body.status_url)).status, (await post(`/move/stop/${body.task_id}`)).body.status];
  await ear.first(({ type }) => type === "task_cancelled");
  seen.push((await look(body.status_url)).status);
  ear.close();
  expect(seen).toEqual(["running", "stopping", "cancelled"]);
  expect(ear.events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(["task_scheduled", "task_started", "task_cancelling", "task_cancelled"]),
  );
});

test("a move tells where it is while it goes, at the status route and over WebSocket, and ends at its target", async () => {
  const ear = await Ear.open(program.url);
  const { body } = await post("/move/absolute", { axis_id: 3, position: 40, speed: 100 });
  const { progress } = await ear.first(
    ({ type, task_id, progress: told }) =>
      type === "task_progress" && task_id === body.task_id && Number(told.data.progress_percent) > 0,
  );
  const fields = [
    "axis",
    "current_position",
    "elapsed_time",
    "message",
    "progress_percent",
    "target_position",
  ];
  expect(Object.keys(progress.data).sort()).toEqual(fields);
  expect(progress.data).toMatchObject({ axis: "z", target_position: 40 });
  await program.ended(body.task_id);
  ear.close();
  const ended = await look(body.status_url);
  expect(ended).toMatchObject({
    operation_type: "axis_movement",
    status: "completed",
    progress: { axis: 3, current_position: 40, target_position: 40, progress_percent: 100 },
    result: { axis: 3, unit: "um", position: 40 },
    error: null,
    partial_result: null,
  });
  expect(Object.keys(ended.progress).sort()).toEqual(fields);
});

test("all six axes answer to their numbers", async () => {
  const moved: string[] = [];
  for (const [number, axis] of ["x", "y", "z", "tx", "ty", "tz"].entries()) {
    const { body } = await post("/move/relative", { axis: number + 1, distance: 0.01 });
    const { parameters, status } = await program.ended(body.task_id);
    moved.push(`${number + 1}: ${(parameters as { axis: string }).axis} ${status}`);
    expect(axis).toBe((parameters as { axis: string }).axis);
  }
  expect(moved.at(-1)).toBe("6: tz completed");
});

test("a second operation is refused with 409 while the first moves, and taken when it has ended", async () => {
  const { body } = await post("/move/relative", { axis_id: 1, distance: 300, speed: 50 });
  const refused = await post("/profile/execute", { axis: 2 });
  expect([refused.status, refused.body.code]).toEqual([409, "BUSY"]);
  await post(`/move/stop/${body.task_id}`);
  await program.ended(body.task_id);
  expect((await post("/move/relative", { axis_id: 1, distance: 1 })).status).toBe(202);
});

test("a target outside the limits is refused with the limits, and nothing moves", async () => {
  const before = await positionOf("z");
  const { status, body } = await post("/move/absolute", { axis_id: 3, position: 99_999 });
  expect(status).toBe(422);
  expect(JSON.stringify(body)).toContain("1000");
  expect(await positionOf("z")).toBe(before);
});

test.each([
  ["/angle-adjustment", { axes: [4], recentre_axes: [], max_rounds: 1 }, "angle_adjustment"],
  ["/alignment/flat", {}, "flat_alignment"],
  ["/alignment/focus", {}, "focus_alignment"],
  ["/profile", { axis: 1, range: 5 }, "profile_measurement"],
])(
  "%s tells its phases and how long it takes, and ends with what it has found",
  async (path, parameters, operation) => {
    const ear = await Ear.open(program.url);
    const { status, body } = await post(`${path}/execute`, parameters);
    expect([status, body.operation_type]).toEqual([202, operation]);
    const { progress } = await ear.first(
      ({ type, task_id }) => type === "task_progress" && task_id === body.task_id,
    );
    const fields = ["elapsed_time", "message", "phase", "phase_description", "progress_percent"];
    expect(Object.keys(progress.data)).toEqual(expect.arrayContaining(fields));
    ear.close();
    const running = await look(`${path}/status/${body.task_id}`);
    expect(Object.keys(running.progress)).toEqual(expect.arrayContaining(fields));
    await program.ended(body.task_id);
    const ended = await look(body.status_url);
    expect(ended).toMatchObject({ status: "completed", error: null, result: expect.anything() });
    expect(ended.progress.phase).toMatch(/^[A-Z]\w+$/);
  },
);

test("a stopped alignment is cancelled, and its axes stand still", async () => {
  const ear = await Ear.open(program.url);
  const { body } = await post("/execute", { operation_type: "flat_alignment" });
  await ear.first(({ type, task_id }) => type === "task_progress" && task_id === body.task_id);
  await post(`/stop/${body.task_id}`);
  await program.ended(body.task_id);
  ear.close();
  expect((await look(`/status/${body.task_id}`)).status).toBe("cancelled");
  for (const name of ["x", "y"])
    expect(await program.get(`/devices/${name}`)).toMatchObject({ is_moving: false });
});
