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

test("a device without a driver is told the drivers", () => {
  expect(() => parse({ rotor: { drivr: "simulated_axis" } })).toThrow(
    /devices\.rotor\.driver: expected a driver, found nothing; the drivers are simulated_axis, /,
  );
});

test("a name that objects have by themselves is refused as any bad name, not left out", () => {
  const text =
    '{"devices": {"rotor": {"driver": "simulated_axis"}, "__proto__": {"driver": "simulated_light"}}}';
  expect(() => parseProfile(text, "x.json")).toThrow(
    'x.json: devices.__proto__: expected a device name in snake_case as its key, found "__proto__"',
  );
  expect(() => parse({ "X-axis": { driver: "simulated_light" } })).toThrow(
    'devices.X-axis: expected a device name in snake_case as its key, found "X-axis"',
  );
});

test("devices that are no object are said to be none", () => {
  expect(() => parseProfile('{"devices": []}', "x.json")).toThrow(
    "x.json: devices: expected object, found []",
  );
});

test("an unknown profile is refused with those that are there", async () => {
  await expect(loadProfile(profiles, "simulatd")).rejects.toThrow(
    /there are .*simulated; did you mean 'simulated'/,
  );
});

test.each([
  [
    { driver: "simulated_camera", focus: { min_dioptres: 15, max_dioptres: 10 } },
    /x\.focus\.max_dioptres: expected more than min_dioptres \(15\), found 10/,
  ],
  [
    { driver: "command_camera", command: ["true"], focus: { arguments: ["x"], min_dioptres: 15 } },
    /x\.focus\.max_dioptres: expected more than min_dioptres \(15\), found 15/,
  ],
  [
    { driver: "simulated_linear_axis", min_um: 10, max_um: -10 },
    /x\.max_um: expected more than min_um \(10\), found -10/,
  ],
  [
    { driver: "simulated_axis", min_degrees: 5, max_degrees: 5 },
    /x\.max_degrees: expected more than min_degrees \(5\)/,
  ],
  [
    { driver: "simulated_linear_axis", min_um: -1, max_um: 10, home_um: 100 },
    /x\.home_um: .* -1 to 10, found 100/,
  ],
  [{ driver: "simulated_linear_axis", start_um: 1000.1 }, /x\.start_um: .* -1000 to 1000, found 1000\.1/],
  [{ driver: "simulated_axis", max_degrees: 80 }, /x\.home_degrees: .* 0 to 80, found 90/],
])("an axis or a lens that could go nowhere, or never home, is refused: %j", (options, problem) => {
  expect(() => parse({ x: options })).toThrow(problem);
});

test("of an axis that goes round no limits count", () => {
  parse({ x: { driver: "simulated_axis", is_continuous: true, max_degrees: 0, home_degrees: 400 } });
});
