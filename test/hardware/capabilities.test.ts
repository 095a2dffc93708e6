import { expect, test } from "vitest";
import { demand } from "../../src/hardware/capabilities.ts";
import { capabilitiesKeepTheirPromises } from "../contracts/capabilities.ts";
import { machine, photoDirectory } from "./machine.ts";

capabilitiesKeepTheirPromises("simulated", () => machine("simulated"));
capabilitiesKeepTheirPromises("replay", async () =>
  machine("replay", { camera: { directory: await photoDirectory(36) } }),
);

test("a device that lacks a capability says so", async () => {
  const { devices } = await machine("simulated");
  expect(() => demand(devices.get("light"), "movable")).toThrow("light cannot move.");
  expect(demand(devices.get("rotor"), "movable").angleDegrees).toBe(90);
});
