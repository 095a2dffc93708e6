// What a device can do, asked at run time. The interfaces and their units are in devices.ts.
import { RuntimeError } from "../errors/runtime-error.ts";
import type {
  Capability,
  Capturing,
  Device,
  Focusable,
  Homeable,
  LinearAxis,
  Measuring,
  Movable,
  RotaryAxis,
  Stoppable,
  Switchable,
  Triggerable,
} from "./devices.ts";

interface CapabilityTypes {
  movable: Movable;
  homeable: Homeable;
  capturing: Capturing;
  focusable: Focusable;
  switchable: Switchable;
  measuring: Measuring;
  triggerable: Triggerable;
  stoppable: Stoppable;
}

const guard =
  <C extends Capability>(capability: C) =>
  (device: Device): device is CapabilityTypes[C] =>
    device.capabilities.includes(capability);

export const isMovable = guard("movable");
export const isHomeable = guard("homeable");
export const isCapturing = guard("capturing");
export const isFocusable = guard("focusable");
export const isSwitchable = guard("switchable");
export const isMeasuring = guard("measuring");
export const isTriggerable = guard("triggerable");
export const isStoppable = guard("stoppable");

export const isRotary = (device: Device): device is RotaryAxis =>
  isMovable(device) && device.unit === "degrees";
export const isLinear = (device: Device): device is LinearAxis => isMovable(device) && device.unit === "um";

/**
 * The device as something that has the capability, as in `demand(ctx.devices.lamp, "switchable").turnOn()`.
 * @throws DEVICE_LACKS
 */
export function demand<C extends Capability>(device: Device, capability: C): CapabilityTypes[C] {
  if (guard(capability)(device)) return device;
  throw new RuntimeError("DEVICE_LACKS", { device: device.name, capability: verbs[capability] });
}

const verbs: Record<Capability, string> = {
  movable: "move",
  homeable: "go home",
  capturing: "take photos",
  focusable: "be told where to focus",
  switchable: "be switched",
  measuring: "measure power",
  triggerable: "send a pulse",
  stoppable: "be stopped",
};
