// The devices as the composition root has them: the profile that names them, what the engine asks of them, and how they
// change while it runs.
import { readFile } from "node:fs/promises";
import type { Machine } from "./engine/machine/port.ts";
import type { TaskManager } from "./engine/task-manager.ts";
import type { DeviceState } from "./hardware/device.ts";
import type { Devices } from "./hardware/devices.ts";
import { type DeviceProfile, parseProfile } from "./hardware/profile.ts";
import type { ProfileSwitch } from "./settings/live.ts";

/** @param profilePath absolute; null where there is none, and no devices @throws INVALID_SETTINGS */
export async function readProfile(profilePath: string | null): Promise<DeviceProfile> {
  if (profilePath === null) return { devices: {} };
  return parseProfile(await readFile(profilePath, "utf8"), profilePath);
}

export const machineOf = (devices: Devices): Machine => ({
  stop: () => devices.stopAll(),
  stopOne: (name) => devices.stop(name),
  release: () => devices.release(),
  moves: (name) => devices.moves(name),
  check: (demand) => devices.check(demand),
  settle: (names) => devices.settle(names),
});

/** No task holds what another profile changes. @throws DEVICE_CLAIMED, INVALID_SETTINGS */
export const profileSwitch =
  (devices: Devices, tasks: TaskManager): ProfileSwitch =>
  async (profilePath, write) => {
    const next = await readProfile(profilePath);
    await tasks.withoutTasksOn(devices.changedBy(next), async () => {
      await write();
      await devices.switchTo(next);
    });
  };

/** @param profile as it is by now @throws UNKNOWN_DEVICE, DEVICE_CLAIMED while a task holds it, INVALID_SETTINGS */
export const reconnection =
  (devices: Devices, tasks: TaskManager, profile: () => Promise<DeviceProfile>) =>
  (name: string): Promise<DeviceState> =>
    tasks.withoutTasksOn([name], async () => devices.reconnect(name, (await profile()).devices[name]));
