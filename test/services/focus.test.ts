import { expect, test } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import { focus } from "../../src/services/focus.ts";
import type { Focusable } from "../../src/task/devices.ts";
import { machine, open, photoDirectory } from "../hardware/machine.ts";

async function camera(changes: object = {}) {
  const devices = await open(
    "simulated",
    { camera: { focus: { move_ms: 0, ...changes } } },
    systemClock,
    "/",
  );
  return devices.get("camera") as Focusable;
}

const range = { minDioptres: 10, maxDioptres: 15 };

test("the places are evenly apart in dioptres, from the first to the last", async () => {
  const { positions } = focus.stack(await camera(), { count: 5, ...range });
  expect(positions).toEqual([10, 11.25, 12.5, 13.75, 15]);
});

test("no rounding takes a place beyond the limits", async () => {
  const device = await camera();
  for (let count = 2; count <= 99; count++) {
    const { positions } = focus.stack(device, { count, minDioptres: 0.1, maxDioptres: 15 });
    expect([positions.length, positions[0], positions.at(-1)]).toEqual([count, 0.1, 15]);
  }
});

test("it is used and then given back as it was: by itself, or at a place", async () => {
  const device = await camera();
  for (const before of [null, 7]) {
    if (before !== null) await device.focusAt(before);
    const stack = focus.stack(device, { count: 2, ...range });
    await stack.focusAt(stack.positions[1] ?? null);
    expect(device.focusDioptres).toBe(15);
    await stack.restore({ warn: () => expect.unreachable() });
    expect(device.focusDioptres).toBe(before);
  }
});

test("a focus that cannot be given back is a line in the log", async () => {
  const device = await camera();
  const stack = focus.stack(device, { count: 2, ...range });
  const lines: unknown[] = [];
  (device as unknown as { setFaults(faults: object): void }).setFaults({ fail: "the lens is stuck" });
  await stack.restore({ warn: (...line) => lines.push(line) });
  expect(lines).toEqual([
    ["camera was not given back its focus", { problem: expect.stringContaining("the lens is stuck") }],
  ]);
});

test("a camera that cannot be told where to focus takes one photo of each pose, and no more", async () => {
  const { devices } = await machine("replay", { camera: { directory: await photoDirectory(2) } });
  const replay = devices.get("camera");
  expect(focus.stack(replay, { count: 1, ...range }).positions).toEqual([null]);
  expect(() => focus.stack(replay, { count: 2, ...range })).toThrow("camera cannot be told where to focus.");
});

test("a place outside the lens's limits is refused", async () => {
  const device = await camera({ max_dioptres: 12 });
  expect(() => focus.stack(device, { count: 3, ...range })).toThrow(
    "camera cannot go to 12.5 dioptres: its limits are 0 to 12 dioptres.",
  );
});
