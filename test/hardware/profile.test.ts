import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { loadProfile, parseProfile, profilesIn } from "../../src/hardware/profile.ts";
import { profiles } from "./machine.ts";

const parse = (devices: object): unknown =>
  parseProfile(JSON.stringify({ devices }), "settings/devices/x.json");

test("every profile in settings/devices is valid", async () => {
  const names = await profilesIn(profiles);
  expect(names).toEqual(expect.arrayContaining(["replay", "simulated"]));
  for (const name of names) {
    await loadProfile(profiles, name);
    expect(JSON.parse(await readFile(path.join(profiles, `${name}.json`), "utf8"))).toHaveProperty("$schema");
  }
});

test("an unknown key is refused with file, path and the nearest known one", () => {
  expect(() => parse({ rotor: { driver: "simulated_axis", max_degree: 140 } })).toThrow(
    /settings\/devices\/x\.json: devices\.rotor\.max_degree: .*did you mean 'max_degrees'/,
  );
});

test("an unknown driver is refused with the known ones", () => {
  expect(() => parse({ rotor: { driver: "simulated_axes" } })).toThrow(
    /devices\.rotor\.driver: there is no driver 'simulated_axes'; the drivers are simulated_axis, .*did you mean 'simulated_axis'/,
  );
});

test("a value of the wrong kind and a bad device name are refused", () => {
  expect(() => parse({ rotor: { driver: "simulated_axis", max_degrees: "much" } })).toThrow(
    /devices\.rotor\.max_degrees/,
  );
  expect(() => parse({ "My Rotor": { driver: "simulated_axis" } })).toThrow(/snake_case/);
  expect(() => parseProfile("{", "x.json")).toThrow(/x\.json: line 1/);
});

test("an unknown profile is refused with those that are there", async () => {
  await expect(loadProfile(profiles, "simulatd")).rejects.toThrow(
    /there are .*simulated; did you mean 'simulated'/,
  );
});
