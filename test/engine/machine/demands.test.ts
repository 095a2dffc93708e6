// What a task will ask of devices is looked at when it is submitted, as far as its schema marks it.
import { expect, test } from "vitest";
import { type DeviceDemand, noMachine } from "../../../src/engine/machine/port.ts";
import type { Limits } from "../../../src/engine/ports.ts";
import { RuntimeError } from "../../../src/errors/runtime-error.ts";
import { settled } from "../../fake-clock.ts";
import { Types, taskType, World } from "../world.ts";

const marked = {
  type: "object",
  properties: {
    axis: { type: "string", device: "movable" },
    position: { type: "number", position_of: "axis" },
    distance: { type: "number", distance_of: "axis" },
    focus: { type: "number", position_of: "focus_motor" },
    sharp_at: { type: "number", focus_of: "camera" },
    helper: { type: "string", device: true },
    others: { type: "array", items: { type: "string", device: "movable" } },
    speed: { type: "number" },
  },
};

async function withMachine(
  limits: Partial<Limits> = {},
  refuse: (demand: DeviceDemand) => void = () => undefined,
) {
  const asked: DeviceDemand[] = [];
  const check = (demand: DeviceDemand): void => {
    asked.push(demand);
    refuse(demand);
  };
  const move = {
    ...taskType("move_task", { usesDependOnParameters: true }),
    parametersSchema: marked,
    claimsOf: async ({ axis }: { axis?: unknown }) => ({ [String(axis)]: "exclusive" as const }),
  };
  const types = new Types([move, taskType("hold_task", { uses: { x: "exclusive" } })]);
  const world = await World.open({ machine: { ...noMachine, check }, types, limits });
  return { world, asked };
}

const distinct = (demands: readonly object[]): object[] =>
  Array.from(new Set(demands.map((one) => JSON.stringify(one))), (text) => JSON.parse(text)).toSorted(byText);
const byText = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

const demand = (
  device: string,
  capability: "movable" | "focusable" | null,
  position: number | null = null,
): DeviceDemand => ({
  ...{ device, capability, position },
  distance: null,
});

test("each parameter that says something of a device is asked about", async () => {
  const { world, asked } = await withMachine();
  await world.submit("move_task", {
    parameters: { axis: "x", position: 5, focus: 7, sharp_at: 12, helper: "lamp", speed: 3 },
  });
  expect(distinct(asked)).toEqual(
    distinct([
      demand("x", "movable"),
      demand("x", "movable", 5),
      demand("focus_motor", "movable", 7),
      demand("camera", "focusable", 12),
      demand("lamp", null),
    ]),
  );
});

test("each element of a list is asked about, and a refusal names it", async () => {
  const { world } = await withMachine({}, ({ device }) => {
    if (device === "z") throw new RuntimeError("DEVICE_LACKS", { device, capability: "move" });
  });
  await expect(
    world.submit("move_task", { parameters: { axis: "x", others: ["y", "z"] } }),
  ).rejects.toMatchObject({
    code: "DEVICE_LACKS",
    details: { errors: [{ path: "parameters.others[1]", message: "z cannot move." }] },
  });
});

test("a device that is not there is a parameter that does not fit", async () => {
  const { world } = await withMachine({}, ({ device }) => {
    if (device === "xx") throw new RuntimeError("UNKNOWN_DEVICE", { device, hint: "Did you mean x? " });
  });
  await expect(world.submit("move_task", { parameters: { axis: "xx" } })).rejects.toMatchObject({
    code: "INVALID_PARAMETERS",
    kind: "invalid",
    details: {
      errors: [
        {
          path: "parameters.axis",
          message: expect.stringMatching(/^There is no device 'xx'\. Did you mean x\? /),
        },
      ],
    },
  });
});

test("a refusal names the parameter, and nothing is stored", async () => {
  const { world } = await withMachine({}, ({ position }) => {
    if (position !== null)
      throw new RuntimeError("OUT_OF_LIMITS", { device: "x", target: "5 µm", limits: "0 to 1 µm" });
  });
  await expect(world.submit("move_task", { parameters: { axis: "x", position: 5 } })).rejects.toMatchObject({
    code: "OUT_OF_LIMITS",
    details: {
      errors: [{ path: "parameters.position", message: "x cannot go to 5 µm: its limits are 0 to 1 µm." }],
    },
  });
  expect(world.manager.list().tasks).toEqual([]);
});

test("a batch is refused with the place of the task", async () => {
  const { world } = await withMachine({}, ({ position }) => {
    if (position !== null)
      throw new RuntimeError("OUT_OF_LIMITS", { device: "x", target: "5 µm", limits: "0 to 1 µm" });
  });
  const tasks = [{}, { position: 5 }].map((more) => ({
    task: "move_task",
    parameters: { axis: "x", ...more },
  }));
  await expect(world.manager.submitBatch({ tasks })).rejects.toMatchObject({
    details: { errors: [{ path: "tasks[1].parameters.position" }] },
  });
});

test("how far an axis can go counts only where nobody moves it before", async () => {
  const { world, asked } = await withMachine();
  const relative = { parameters: { axis: "x", distance: 9 } };
  const distances = async (more: object): Promise<unknown[]> => {
    asked.length = 0;
    await world.submit("move_task", { ...relative, ...more });
    return [...new Set(asked.map(({ distance }) => distance))];
  };
  expect(await distances({ delay_seconds: 60 })).toEqual([null]);
  const holder = await world.submit("hold_task");
  expect(await distances({})).toEqual([null]);
  expect(await distances({ depends_on: [{ task: holder, when: "end" }] })).toEqual([null]);
  await world.run(holder).finish();
  for (let [id] = world.running(); id !== undefined; [id] = world.running()) await world.run(id).finish();
  expect(await distances({})).toContain(9);
});

test("where the owner wants nobody to wait, a device that is claimed is refused with who claims it", async () => {
  const { world } = await withMachine({ refusesClaimedDevices: true });
  const holder = await world.submit("hold_task");
  const move = { task: "move_task", parameters: { axis: "x", position: 1 } };
  await expect(world.manager.submit(move)).rejects.toMatchObject({
    code: "DEVICE_CLAIMED",
    details: { device: "x", task_id: holder },
  });
  await world.submit("move_task", { parameters: { axis: "y", position: 1 } });
  await world.run(holder).finish();
  // Two at once: the second finds the first on its way.
  const both = await Promise.allSettled([world.manager.submit(move), world.manager.submit(move)]);
  await settled();
  expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
});

test("one that waits for its time claims nothing yet", async () => {
  const { world } = await withMachine({ refusesClaimedDevices: true });
  const move = { parameters: { axis: "x", position: 1 } };
  await world.submit("move_task", { ...move, delay_seconds: 60 });
  expect(world.status(await world.submit("move_task", move))).toBe("running");
});
