// Moves of more than one device, and leaving the machine as it should be left.
import { isRuntimeError } from "../errors/runtime-error.ts";
import { axisOf } from "../hardware/axis.ts";
import type { Clock } from "../lib/clock.ts";
import { demand, isHomeable, isSwitchable } from "../task/capabilities.ts";
import type { Device } from "../task/devices.ts";
import type { Services } from "../task/services.ts";
import { AxisMovement, type Go, waysOf } from "./movement.ts";

export const createMotion = (clock: Clock): Services["motion"] => ({
  axis: axisOf,

  move(device, { speed, ...request }) {
    const axis = axisOf(device);
    const options = speed === undefined ? {} : { speed };
    const go: Go = (target, signal) => axis.moveTo(target, { ...options, signal });
    return new AxisMovement(axis, waysOf(axis, request), clock, go);
  },

  home(device) {
    const axis = axisOf(device);
    const homeable = demand(device, "homeable");
    const ways = waysOf(axis, { position: axis.home ?? axis.position });
    return new AxisMovement(axis, ways, clock, (_, signal) => homeable.home({ signal }));
  },

  together,

  async park(devices, log) {
    await Promise.all(
      Object.values(devices).map(async (device) => {
        try {
          await rest(device);
        } catch (error) {
          // Whoever stopped the machine knows that it does not stand at home.
          if (isRuntimeError(error) && error.code === "STOPPED") return;
          log.warn(`${device.name} could not be brought to rest`, { problem: String(error) });
        }
      }),
    );
  },
});

export async function together(moves: readonly Promise<void>[]): Promise<void> {
  const ends = await Promise.allSettled(moves);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

async function rest(device: Device): Promise<void> {
  if (isHomeable(device)) await device.home();
  if (isSwitchable(device)) await device.turnOff();
}
