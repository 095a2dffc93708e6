// Profiles opened for a test, on a clock that stands still or on the real one.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { DeviceState } from "../../src/hardware/device.ts";
import { type Devices, openDevices } from "../../src/hardware/devices.ts";
import { loadProfile, parseProfile } from "../../src/hardware/profile.ts";
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import type { Logger } from "../../src/lib/logger.ts";
import { FakeClock } from "../fake-clock.ts";

export const profiles = path.resolve(import.meta.dirname, "../../settings/devices");

export const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

export interface Machine {
  readonly devices: Devices;
  readonly clock: FakeClock;
  readonly told: { state: DeviceState; changed: string[] }[];
}

/** `scanner`: the simulated machine's scanner alone. */
type Profile = "simulated" | "scanner" | "replay" | Record<string, object>;

async function devicesOf(profile: Profile): Promise<Record<string, object>> {
  if (typeof profile !== "string") return profile;
  const { devices } = await loadProfile(profiles, profile === "replay" ? "replay" : "simulated");
  const { rotor = {}, turntable = {}, light = {}, camera = {} } = devices;
  return profile === "scanner" ? { rotor, turntable, light, camera } : devices;
}

/**
 * @param profile one of settings/devices, or devices of the test's own
 * @param changes options of single devices, over those of the profile
 */
export async function machine(
  profile: Profile,
  changes: Record<string, object> = {},
  root = os.tmpdir(),
): Promise<Machine> {
  const clock = new FakeClock();
  const told: Machine["told"] = [];
  const devices = await open(profile, changes, clock, root, (state, changed) =>
    told.push({ state, changed }),
  );
  return { devices, clock, told };
}

/** Devices that are really there, in real time; `clock.advance` is for suites that have a standing clock, too. */
export async function realMachine(profile: Record<string, object>, root = os.tmpdir()) {
  const waiting = new Set<(state: DeviceState) => void>();
  const devices = await open(profile, {}, systemClock, root, (state) => {
    for (const look of waiting) look(state);
  });
  /** Resolves with the next state of a device that is as it is wanted. */
  const until = (name: string, isWanted: (state: DeviceState) => boolean): Promise<DeviceState> =>
    new Promise((resolve) => {
      const look = (state: DeviceState): void => {
        if (state.name !== name || !isWanted(state)) return;
        waiting.delete(look);
        resolve(state);
      };
      waiting.add(look);
    });
  return { devices, until, clock: { advance: async () => undefined } };
}

export async function open(
  profile: Profile,
  changes: Record<string, object>,
  clock: Clock,
  root: string,
  onChange: (state: DeviceState, changed: string[]) => unknown = () => undefined,
): Promise<Devices> {
  const known = await devicesOf(profile);
  const changed = Object.entries(known).map(([name, options]) => [name, { ...options, ...changes[name] }]);
  const parsed = parseProfile(JSON.stringify({ devices: Object.fromEntries(changed) }), "test.json");
  const devices = await openDevices(parsed, { clock, log: quiet, root, onChange });
  onTestFinished(() => devices.close());
  return devices;
}

/** A directory with `count` photos of one byte each: the number of the photo. */
export async function photoDirectory(count: number): Promise<string> {
  const directory = await temporary();
  for (let index = 0; index < count; index++)
    await writeFile(
      path.join(directory, `photo_${String(index).padStart(2, "0")}.jpg`),
      Buffer.from([index]),
    );
  await writeFile(path.join(directory, "LICENSE.txt"), "not a photo");
  return directory;
}

export async function temporary(): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), "armature-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
