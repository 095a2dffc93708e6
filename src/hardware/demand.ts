// Whether a device could do what a task will ask of it, said before anything moves.
import type { DeviceDemand } from "../engine/machine/port.ts";
import { demand } from "../task/capabilities.ts";
import type { Device } from "../task/devices.ts";
import { axisOf, isWithin, outOfLimits } from "./axis.ts";
import { refuseFocusOutside } from "./lens.ts";

/** @throws DEVICE_LACKS, OUT_OF_LIMITS with the limits */
export function checkDemand(device: Device, asked: Omit<DeviceDemand, "device">): void {
  const { capability, position, distance } = asked;
  if (capability !== null) demand(device, capability);
  if (capability === "focusable" && position !== null) {
    refuseFocusOutside(demand(device, capability), position);
    return;
  }
  if (position === null && distance === null) return;
  const axis = axisOf(device);
  // It goes round: every angle is a place.
  if (axis.isContinuous) return;
  const target = position ?? axis.position + (distance ?? 0);
  if (!isWithin(target, axis.limits))
    throw outOfLimits(axis.name, target, { ...axis.limits, unit: axis.unit });
}
