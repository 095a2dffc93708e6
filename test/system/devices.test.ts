// Devices over HTTP, asked of the real program: moves, photos, switches and measurements are tasks.
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";
import { deviceSchema } from "../../src/api/device.ts";
import { Program, type WireTask } from "./program.ts";

interface Problem {
  readonly code: string;
  readonly detail: string;
  readonly details: Record<string, unknown>;
  readonly errors: { path: string; message: string }[];
}

const profile = (x: object = {}) => ({
  devices: {
    x: { driver: "simulated_linear_axis", min_um: -1000, max_um: 1000, ...x },
    slow: {
      driver: "simulated_linear_axis",
      max_um: 1000,
      top_speed_um_per_s: 100,
      acceleration_um_per_s2: 200,
    },
    tx: { driver: "simulated_axis", min_degrees: -5, max_degrees: 5, home_degrees: 0 },
    lamp: { driver: "simulated_light" },
    camera: { driver: "simulated_camera", width: 128, height: 128 },
    stuck: {
      driver: "simulated_camera",
      width: 128,
      height: 128,
      timeout_seconds: 0.2,
      faults: { hang: true },
    },
    fixed: { driver: "command_camera", command: ["true"] },
    power_meter: { driver: "simulated_power_meter" },
    broken: { driver: "simulated_linear_axis", faults: { open: "no motor answers on the bus" } },
  },
});

const writeProfile = (program: Program, name: string, content: object): Promise<void> =>
  writeFile(path.join(program.folder, `settings/devices/${name}.json`), JSON.stringify(content));

async function started(): Promise<Program> {
  const program = await Program.create();
  await writeProfile(program, "lab", profile());
  await program.start({ ARMATURE_LOG_LEVEL: "silent" });
  expect((await program.patch("/settings", { profile: "lab" })).body).toMatchObject({ applied: ["profile"] });
  return program;
}

describe("what is asked of a device", () => {
  let program: Program;
  beforeAll(async () => {
    program = await started();
  });
  afterAll(() => program.remove());

  const post = (route: string, body: object = {}) => program.post(route, body);
  const problemOf = async (route: string, body: object = {}) => {
    const { status, body: problem } = await program.post<Problem>(route, body);
    return { status, ...problem };
  };

  test("every device is shown as the API describes it", async () => {
    const devices = z.array(deviceSchema).parse(await program.get("/devices"));
    expect(devices.map(({ name }) => name)).toEqual(Object.keys(profile().devices));
  });

  test("a move is accepted as a task that claims its axis, and ends where it was sent", async () => {
    const { status, body } = await post("/devices/x/move", { position_um: 250 });
    expect([status, body.task, body.status]).toEqual([202, "axis_movement_task", "pending"]);
    expect(await program.ended(body.id)).toMatchObject({
      status: "completed",
      result: { axis: "x", unit: "um", start: 0, position: 250, travelled: 250, requested: 250 },
    });
    expect(await program.get("/devices/x")).toMatchObject({ position_um: 250, is_moving: false });
  });

  test("with wait the answer is the ended task, moved by a distance at a speed", async () => {
    const { status, body } = await post("/devices/tx/move?wait=10", {
      by_degrees: -2,
      speed_degrees_per_s: 50,
    });
    expect([status, body.result]).toEqual([
      200,
      { axis: "tx", unit: "degrees", start: 0, position: -2, travelled: -2, requested: -2 },
    ]);
    expect((await post("/devices/tx/home?wait=10")).body.result).toMatchObject({ position: 0 });
    expect(await program.get("/devices/tx")).toMatchObject({ is_homed: true, angle_degrees: 0 });
  });

  test("a photo, a lamp and a reading", async () => {
    const photo = await post("/devices/camera/capture?wait=10", { exposure_ms: 5 });
    const { artifacts, id } = photo.body as WireTask & { artifacts: { name: string }[] };
    expect(artifacts).toMatchObject([{ name: "camera.jpg", type: "image/jpeg" }]);
    const bytes = await (await fetch(`${program.url}/tasks/${id}/artifacts/camera.jpg`)).arrayBuffer();
    expect(Buffer.from(bytes).subarray(0, 2).toString("hex")).toBe("ffd8");
    expect((await post("/devices/lamp/switch?wait=10", { on: true })).body.result).toEqual({
      device: "lamp",
      is_on: true,
    });
    expect(await program.get("/devices/lamp")).toMatchObject({ is_on: true });
    const measured = await post("/devices/power_meter/measure?wait=10");
    expect(measured.body.result).toMatchObject({ device: "power_meter", readings: 1, deviation_uw: null });
  });

  test("a photo at a focus of its own, which the camera forgets afterwards", async () => {
    const { body } = await post("/devices/camera/capture?wait=10", { focus_dioptres: 12.5 });
    expect(body).toMatchObject({ status: "completed", result: { focus_dioptres: 12.5 } });
    expect(await program.get("/devices/camera")).toMatchObject({ focus_dioptres: null });
    expect((await post("/devices/camera/capture?wait=10")).body.result).toMatchObject({
      focus_dioptres: null,
    });
    const stuck = await post("/devices/stuck/capture?wait=10", { focus_dioptres: 12.5 });
    expect(stuck.body).toMatchObject({ status: "failed", failure: { code: "DEVICE_TIMEOUT" } });
    expect(await program.get("/devices/stuck")).toMatchObject({ focus_dioptres: null });
  });

  test("a focus that a camera does not reach, or cannot be told, is refused with the submit", async () => {
    expect(await problemOf("/devices/camera/capture", { focus_dioptres: 15.5 })).toMatchObject({
      status: 422,
      code: "OUT_OF_LIMITS",
      details: { device: "camera", min_dioptres: 0, max_dioptres: 15 },
      errors: [{ path: "focus_dioptres" }],
    });
    expect(await problemOf("/devices/fixed/capture", { focus_dioptres: 3 })).toMatchObject({
      status: 422,
      code: "DEVICE_LACKS",
      errors: [{ path: "focus_dioptres" }],
    });
  });

  test("a target outside the limits is refused with them, before anything moves", async () => {
    const there = await program.get<{ position_um: number }>("/devices/x");
    for (const target of [{ position_um: 1000.1 }, { distance_um: 1e6 }, { position_um: -1e300 }]) {
      expect(await problemOf("/devices/x/move", target)).toMatchObject({
        status: 422,
        code: "OUT_OF_LIMITS",
        details: { device: "x", min_um: -1000, max_um: 1000 },
        errors: [{ path: Object.keys(target)[0] }],
      });
    }
    const other = { task: "axis_movement_task", parameters: { axis: "x", position: 2000 } };
    expect(await problemOf("/tasks", other)).toMatchObject({ status: 422, code: "OUT_OF_LIMITS" });
    expect(await program.get("/devices/x")).toEqual(there);
  });

  test("what does not fit is said in the words of the request", async () => {
    const placesOf = async (route: string, body: object) =>
      (await problemOf(route, body)).errors.map(({ path }) => path);
    expect(await placesOf("/devices/camera/capture", { exposure_ms: 1e9, gain: 33 })).toEqual([
      "exposure_ms",
      "gain",
    ]);
    expect(await placesOf("/devices/power_meter/measure", { readings: 10_001 })).toEqual(["readings"]);
    expect(await placesOf("/devices/tx/move", { angle_degrees: 999 })).toEqual(["angle_degrees"]);
    expect(await placesOf("/devices/lamp/home", {})).toEqual(["name"]);
  });

  test("wrong names, wrong devices and wrong units are told apart", async () => {
    expect(await problemOf("/devices/xx/move", { position_um: 1 })).toMatchObject({
      status: 404,
      code: "UNKNOWN_DEVICE",
      details: { nearest: expect.arrayContaining(["x"]) },
    });
    expect(await problemOf("/devices/lamp/move", { position_um: 1 })).toMatchObject({
      status: 422,
      code: "DEVICE_LACKS",
    });
    expect(await problemOf("/devices/x/capture")).toMatchObject({ status: 422, code: "DEVICE_LACKS" });
    expect(await problemOf("/devices/lamp/home")).toMatchObject({ status: 422, code: "DEVICE_LACKS" });
    expect(await problemOf("/devices/x/move", { angle_degrees: 1 })).toMatchObject({
      status: 422,
      code: "INVALID_REQUEST",
      errors: [{ path: "angle_degrees", message: "x slides: give position_um or distance_um" }],
    });
    for (const body of [{}, { position_um: 1, distance_um: 1 }])
      expect(await problemOf("/devices/x/move", body)).toMatchObject({ errors: [{ path: "position_um" }] });
    expect(await problemOf("/devices/x/move", { position: 1 })).toMatchObject({ status: 422 });
    expect(await problemOf("/devices/lamp/switch")).toMatchObject({ status: 422, errors: [{ path: "on" }] });
  });

  test("a device that did not open says why, and the rest works", async () => {
    expect(await program.get("/devices/broken")).toMatchObject({
      state: "failed",
      problem: "no motor answers on the bus",
      remedy: expect.stringMatching(/\w/),
    });
    expect(await problemOf("/devices/broken/move", { position_um: 1 })).toMatchObject({
      status: 503,
      code: "DEVICE_FAILED",
      detail: "broken failed: no motor answers on the bus",
    });
  });

  test("a camera that does not answer within its limit is marked, and its claim is free", async () => {
    const { body } = await post("/devices/stuck/capture?wait=10", { exposure_ms: 1 });
    expect(body).toMatchObject({ status: "failed", failure: { code: "DEVICE_TIMEOUT" } });
    expect(await program.get("/devices/stuck")).toMatchObject({
      state: "failed",
      problem: expect.stringContaining("did not answer within"),
    });
    const next = await post("/devices/stuck/capture?wait=10", { exposure_ms: 1 });
    expect(next.body).toMatchObject({ status: "failed", attempt: 1, failure: { code: "DEVICE_TIMEOUT" } });
  });

  test("stop brakes one axis now, cancels its task and lets the next one have it", async () => {
    const { body: moving } = await post("/devices/slow/move", { position_um: 1000 });
    const { body: other } = await post("/devices/x/move", { position_um: -1000, speed_um_per_s: 500 });
    await moves(program, "slow", 30);
    const { body: waiting } = await post("/devices/slow/move", { position_um: 0 });
    const { status, body: report } = await post("/devices/slow/stop");
    expect([status, report]).toMatchObject([
      200,
      { name: "slow", stopped: true, problem: null, tasks: [{ id: moving.id, task: "axis_movement_task" }] },
    ]);
    const stopped = await program.ended(moving.id);
    const partial = stopped.partial_result as { start: number; travelled: number; requested: number };
    expect(stopped.status).toBe("cancelled");
    expect(partial).toMatchObject({ start: 0, requested: 1000 });
    expect(partial.travelled).toBeGreaterThan(30);
    expect(partial.travelled).toBeLessThan(1000);
    expect(await program.ended(waiting.id)).toMatchObject({ status: "completed", result: { position: 0 } });
    expect(await program.ended(other.id)).toMatchObject({ status: "completed" });
    expect((await program.get<{ paused: boolean }>("/queue")).paused).toBe(false);
    expect((await post("/devices/nothing/stop")).status).toBe(404);
  });

  test.each(["async", "isolated"])(
    "a move that is paused (%s) stands still, and goes on when it is resumed",
    async (lane) => {
      await post("/devices/slow/move?wait=30", { position_um: 0 });
      const move = { axis: "slow", position: 200 };
      const { body } = await post("/tasks/axis_movement_task", {
        parameters: move,
        ...(lane === "isolated" && { lane }),
      });
      await moves(program, "slow", 30);
      await post(`/tasks/${body.id}/pause`);
      while ((await program.get(`/tasks/${body.id}`)).status !== "paused");
      const held = await program.get<{ position_um: number }>("/devices/slow");
      expect(held).toMatchObject({ is_moving: false });
      expect(held.position_um).toBeGreaterThan(30);
      expect(held.position_um).toBeLessThan(200);
      await post(`/tasks/${body.id}/resume`);
      expect(await program.ended(body.id)).toMatchObject({
        status: "completed",
        result: { start: 0, position: 200, travelled: 200, requested: 200 },
      });
    },
  );

  test("what a task holds is not reconnected; later it is, as the profile has it by then", async () => {
    const { body } = await post("/devices/slow/move", { position_um: 1000 });
    await moves(program, "slow", 1);
    expect(await problemOf("/devices/slow/reconnect")).toMatchObject({
      status: 409,
      code: "DEVICE_CLAIMED",
      detail: `slow is claimed by task ${body.id}.`,
    });
    await post("/devices/slow/stop");
    await program.ended(body.id);
    const mended = profile();
    mended.devices.broken = { driver: "simulated_linear_axis" } as never;
    await writeProfile(program, "lab", mended);
    expect(await post("/devices/broken/reconnect")).toMatchObject({ status: 200, body: { state: "ready" } });
    expect((await post("/devices/broken/move?wait=10", { position_um: 1 })).body.status).toBe("completed");
    expect((await post("/devices/nothing/reconnect")).status).toBe(404);
  });

  test("where the settings say so a claimed axis is refused instead of queued", async () => {
    await program.patch("/settings", { devices: { when_claimed: "refuse" } });
    const { body } = await post("/devices/slow/move", { position_um: 0 });
    expect(await problemOf("/devices/slow/move", { position_um: 5 })).toMatchObject({
      status: 409,
      code: "DEVICE_CLAIMED",
      details: { device: "slow", task_id: body.id },
    });
    await program.patch("/settings", { devices: { when_claimed: "queue" } });
    expect((await post("/devices/slow/move", { position_um: 5 })).status).toBe(202);
    await post("/devices/slow/stop");
  });
});

describe("the profile", () => {
  let program: Program;
  beforeAll(async () => {
    program = await started();
  });
  afterAll(() => program.remove());

  test("is switched live, once no task holds what goes; what stays stays open", async () => {
    await program.post("/devices/x/move?wait=10", { position_um: 100 });
    const other = { devices: { x: profile().devices.x, lamp2: { driver: "simulated_light" } } };
    await writeProfile(program, "other", other);
    const { body: moving } = await program.post("/devices/slow/move", { position_um: 1000 });
    await moves(program, "slow", 1);
    expect(await program.patch<Problem>("/settings", { profile: "other" })).toMatchObject({
      status: 409,
      body: { code: "DEVICE_CLAIMED", details: { device: "slow", task_id: moving.id } },
    });
    expect(await program.get("/settings")).toMatchObject({ profile: "lab" });
    await program.post("/devices/slow/stop");
    await program.ended(moving.id);
    expect(await program.patch("/settings", { profile: "other" })).toMatchObject({
      status: 200,
      body: { applied: ["profile"], needs_restart: [], settings: { profile: "other" } },
    });
    expect((await program.get<{ name: string }[]>("/devices")).map(({ name }) => name)).toEqual([
      "x",
      "lamp2",
    ]);
    // The same axis as before: it has not moved, and nobody let go of it.
    expect(await program.get("/devices/x")).toMatchObject({ position_um: 100 });
    expect((await program.post("/devices/lamp2/switch?wait=10", { on: true })).body.status).toBe("completed");
  });

  test("is read again where it is named again: an edited file is taken up", async () => {
    await writeProfile(program, "other", { devices: { x: { ...profile().devices.x, max_um: 50 } } });
    await program.patch("/settings", { profile: "other" });
    expect(await program.get("/devices/x")).toMatchObject({ limits: { min_um: -1000, max_um: 50 } });
  });

  test("with an unknown driver lists the known ones, and nothing has changed", async () => {
    await writeProfile(program, "wrong", { devices: { x: { driver: "simulated_linear_axes" } } });
    const before = await program.get("/devices");
    const { status, body } = await program.patch<Problem>("/settings", { profile: "wrong" });
    expect([status, body.code]).toEqual([422, "INVALID_SETTINGS"]);
    expect(body.errors[0]).toMatchObject({
      path: "devices.x.driver",
      message: expect.stringMatching(
        /there is no driver 'simulated_linear_axes'; the drivers are simulated_axis, .*did you mean 'simulated_linear_axis'/,
      ),
    });
    expect(await program.get("/devices")).toEqual(before);
    const file = await readFile(path.join(program.folder, "settings/firmware.json"), "utf8");
    expect(JSON.parse(file)).toMatchObject({ profile: "other" });
  });

  test("clients of /ws/device see every device first, then what changes, and those that go", async () => {
    await writeProfile(program, "lab", profile());
    await program.patch("/settings", { profile: "lab" });
    const socket = new WebSocket(`${program.url.replace("http", "ws")}/ws/device`);
    const heard: {
      type: string;
      device: { name: string; state: string; is_moving: boolean };
      changed: string[];
    }[] = [];
    const done = new Promise<void>((resolve) => {
      socket.on("message", (text) => {
        const message = JSON.parse(String(text));
        if (message.type === "ping") return;
        heard.push(message);
        if (message.device.state === "gone" && message.device.name === "slow") resolve();
      });
    });
    await new Promise((resolve) => socket.once("open", resolve));
    await program.post("/devices/slow/move?wait=10", { position_um: 150 });
    await program.patch("/settings", { profile: "other" });
    await done;
    socket.close();
    const names = Object.keys(profile().devices);
    expect(heard.slice(0, names.length)).toMatchObject(
      names.map((name) => ({ type: "device.status", device: { name }, changed: [] })),
    );
    const slow = heard.slice(names.length).filter(({ device }) => device.name === "slow");
    expect(slow.some(({ changed }) => changed.includes("position_um"))).toBe(true);
    expect(slow.at(-1)).toMatchObject({ device: { state: "gone" } });
    for (const message of heard) expect(Object.keys(message)).toEqual(["type", "device", "changed"]);
  });
});

async function moves(program: Program, name: string, um: number): Promise<void> {
  const { position_um: start } = await program.get<{ position_um: number }>(`/devices/${name}`);
  for (;;) {
    const { position_um, is_moving } = await program.get<{ position_um: number; is_moving: boolean }>(
      `/devices/${name}`,
    );
    if (is_moving && Math.abs(position_um - start) > um) return;
  }
}
