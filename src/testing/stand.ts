// What a trial stands on: a clock that stands still, a folder of its own, real drivers and the real lane.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type Devices, openDevices } from "../hardware/devices.ts";
import { type DeviceProfileInput, deviceProfileSchema } from "../hardware/profile.ts";
import { createTaskFiles } from "../lanes/files.ts";
import { LoopLane } from "../lanes/loop.ts";
import type { Closers } from "../lib/closers.ts";
import { FakeClock } from "../lib/fake-clock.ts";
import type { Logger } from "../lib/logger.ts";
import { createServices } from "../services/services.ts";
import { type CloudSettingsInput, cloudFrom } from "../settings/cloud.ts";
import { parseStrictly } from "../settings/strict.ts";
import { Quarantine } from "../store/quarantine.ts";

export interface Equipment {
  /** As in settings/devices/<profile>.json: real drivers over the fake clock. */
  readonly devices?: DeviceProfileInput["devices"];
  /** As in settings/cloud.json. Default: there is no cloud. */
  readonly cloud?: CloudSettingsInput;
  /** Files that are there when it begins, by their path below the data directory. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

export interface Stand {
  readonly clock: FakeClock;
  /** The data directory, absolute; closing removes it. */
  readonly data: string;
  readonly devices: Devices;
  readonly lane: LoopLane;
}

const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** @throws INVALID_SETTINGS */
export async function makeStand(taskId: string, equipment: Equipment, closers: Closers): Promise<Stand> {
  const clock = new FakeClock();
  const data = mkdtempSync(path.join(os.tmpdir(), "armature-trial-"));
  closers.add("the files", () => rm(data, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(equipment.files ?? {})) {
    mkdirSync(path.dirname(path.join(data, name)), { recursive: true });
    writeFileSync(path.join(data, name), content);
  }
  const profile = parseStrictly(deviceProfileSchema, { devices: equipment.devices ?? {} }, "devices");
  const devices = await openDevices(profile, { clock, log: quiet, root: process.cwd() });
  closers.add("the devices", () => devices.close());

  const quarantine = new Quarantine({ directory: data, clock, logger: quiet });
  const lane = new LoopLane({
    clock,
    log: quiet,
    files: () => createTaskFiles({ dataDirectory: data, mediaDirectories: () => [], taskId }),
    devices: (uses, signal) => devices.bind(uses, signal),
    services: createServices({
      dataDirectory: data,
      clock,
      quarantine,
      cloud: cloudFrom(equipment.cloud ?? {}, "cloud"),
    }),
  });
  return { clock, data, devices, lane };
}
