// settings/devices/<profile>.json: which devices this machine has, and which driver speaks to each.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { nearest } from "../lib/nearest.ts";
import { BrokenJson, parseJson } from "../settings/json-text.ts";
import { describe, didYouMean, invalidSettings, parseStrictly } from "../settings/strict.ts";
import { menu } from "./menu.ts";
import { wrongFocus, wrongTravel } from "./travel.ts";

const expectedName = "expected a device name in snake_case as its key";

export const deviceProfileSchema = z
  .strictObject({
    $schema: z.string().optional().describe("For editors; the runtime does not read it"),
    description: z.string().optional(),
    devices: z
      .record(
        z.string().regex(/^[a-z][a-z0-9_]*$/),
        z.discriminatedUnion("driver", [
          menu.simulated_axis.options,
          menu.simulated_linear_axis.options,
          menu.simulated_light.options,
          menu.simulated_camera.options,
          menu.simulated_power_meter.options,
          menu.simulated_microscope_camera.options,
          menu.replay_camera.options,
          menu.command_camera.options,
          menu.gphoto2_camera.options,
          menu.mjpeg_camera.options,
          menu.gcode_axis.options,
          menu.gcode_linear_axis.options,
          menu.gcode_switch.options,
          menu.gpio_axis.options,
          menu.gpio_linear_axis.options,
          menu.gpio_switch.options,
          menu.gpio_trigger.options,
        ]),

        {
          error: ({ code }) => (code === "invalid_key" ? `Invalid input: ${expectedName}` : undefined),
        },
      )
      .describe("The devices by name: tasks ask for rotor, turntable, camera and light"),
  })
  .describe("A device profile: the machine's hardware");

export type DeviceProfile = z.output<typeof deviceProfileSchema>;
export type DeviceProfileInput = z.input<typeof deviceProfileSchema>;
export type DeviceOptions = DeviceProfile["devices"][string];

/** @param where the file's name as a person would write it @throws INVALID_SETTINGS naming every problem at once */
export function parseProfile(text: string, where: string): DeviceProfile {
  const value = read(text, where);
  refuseLostNames(value, where);
  refuseUnknownDrivers(value, where);
  const profile = parseStrictly(deviceProfileSchema, value, where);
  const wrong = Object.entries(profile.devices).flatMap(([name, options]) =>
    [...wrongTravel(options), ...wrongFocus(options)].map(({ key, message }) => ({
      path: `devices.${name}.${key}`,
      message,
    })),
  );
  if (wrong.length > 0) throw invalidSettings(where, wrong);
  return profile;
}

/** @param directory that of the profiles, settings/devices @throws INVALID_SETTINGS */
export async function loadProfile(directory: string, name: string): Promise<DeviceProfile> {
  const file = path.join(directory, `${name}.json`);
  const where = path.join(path.basename(path.dirname(directory)), path.basename(directory), `${name}.json`);
  const text = await readFile(file, "utf8").catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    const known = await profilesIn(directory);
    const message = `there is no such profile; there are ${known.join(", ") || "none"}${didYouMean(nearest(name, known, 1))}`;
    throw invalidSettings(where, [{ path: "", message }]);
  });
  return parseProfile(text, where);
}

/** The names of the profiles in a directory, sorted. */
export async function profilesIn(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => [] as string[]);
  return names.flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -".json".length)] : [])).sort();
}

function read(text: string, where: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof BrokenJson)) throw error;
    throw invalidSettings(where, [{ path: "", message: error.message }]);
  }
}

/** The schema leaves this one name out without a word. */
function refuseLostNames(value: unknown, where: string): void {
  const parsed = z.looseObject({ devices: z.custom<object>(isObject) }).safeParse(value);
  if (!parsed.success || !Object.hasOwn(parsed.data.devices, "__proto__")) return;
  throw invalidSettings(where, [
    { path: "devices.__proto__", message: `${expectedName}, found "__proto__"`, found: '"__proto__"' },
  ]);
}

/** The schema alone would only say that no variant fits. */
function refuseUnknownDrivers(value: unknown, where: string): void {
  const known = Object.keys(menu);
  const devices = z.object({
    devices: z.record(z.string(), z.looseObject({ driver: z.unknown().optional() })),
  });
  const parsed = devices.safeParse(value);
  if (!parsed.success) return;
  const unknown = Object.entries(parsed.data.devices).filter(
    ([, { driver }]) => !known.some((one) => one === driver),
  );
  if (unknown.length === 0) return;
  throw invalidSettings(
    where,
    unknown.map(([name, { driver }]) => ({
      path: `devices.${name}.driver`,
      message: `${lacking(driver)}; the drivers are ${known.join(", ")}${didYouMean(nearest(String(driver ?? ""), known, 1))}`,
      expected: known.join(", "),
      found: describe(driver),
    })),
  );
}

const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

const lacking = (driver: unknown): string =>
  typeof driver === "string"
    ? `there is no driver '${driver}'`
    : `expected a driver, found ${describe(driver)}`;
