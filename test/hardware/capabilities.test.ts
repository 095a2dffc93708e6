import { expect, test } from "vitest";
import { axisOf } from "../../src/hardware/axis.ts";
import { demand } from "../../src/task/capabilities.ts";
import { capabilitiesKeepTheirPromises } from "../contracts/capabilities.ts";
import { machine, photoDirectory } from "./machine.ts";

capabilitiesKeepTheirPromises("simulated", () => machine("simulated"));
capabilitiesKeepTheirPromises("replay", async () =>
  machine("replay", { camera: { directory: await photoDirectory(36) } }),
);
capabilitiesKeepTheirPromises("linear", () => machine({ slide: { driver: "simulated_linear_axis" } }));

test("an axis of either kind looks alike in its own unit", async () => {
  const { devices, clock } = await machine({
    slide: { driver: "simulated_linear_axis", min_um: -50, max_um: 50, home_um: -10 },
    wheel: { driver: "simulated_axis", is_continuous: true, home_degrees: 0 },
  });
  const [slide, wheel] = [axisOf(devices.get("slide")), axisOf(devices.get("wheel"))];
  expect([slide, wheel].map((axis) => [axis.unit, axis.position, axis.home, axis.isContinuous])).toEqual([
    ["um", -10, -10, false],
    ["degrees", 0, 0, true],
  ]);
  const moved = Promise.all([slide.moveTo(20), wheel.moveTo(370)]);
  await clock.advance(60_000);
  await moved;
  expect([slide.position, wheel.position]).toEqual([20, 10]);
  expect(devices.state("slide")).toMatchObject({
    position_um: 20,
    angle_degrees: null,
    limits: { min_um: -50, max_um: 50 },
    home_um: -10,
  });
  await expect(slide.moveTo(51)).rejects.toThrow("slide cannot go to 51 µm: its limits are -50 to 50 µm.");
});

test("a device that lacks a capability says so", async () => {
  const { devices } = await machine("simulated");
  expect(() => demand(devices.get("light"), "movable")).toThrow("light cannot move.");
  expect(demand(devices.get("rotor"), "homeable").isHomed).toBe(false);
});
