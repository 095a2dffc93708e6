// What a driver makes, what it is handed, and how a device looks on the wire.
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { Noted } from "../lib/processes/notes.ts";
import {
  isFocusable,
  isHomeable,
  isLinear,
  isMeasuring,
  isMovable,
  isRotary,
  isSwitchable,
} from "../task/capabilities.ts";
import type { Capability, Device } from "../task/devices.ts";

/** What is wrong with a device, and what to do about it. */
export interface Trouble {
  readonly problem: string;
  readonly remedy: string;
}

/** A device as its driver keeps it. */
export interface OpenDevice extends Device {
  /** What it is doing right now, as in `moving to 30 degrees`, or null. */
  readonly doing: string | null;
  /** Stopped in an emergency and not yet released. */
  readonly isStopped: boolean;
  /** What keeps an open device from working, as a lost connection; null or absent where it works. */
  readonly fault?: Trouble | null;
  /** Lets go of the hardware; whatever moves is stopped first. Twice without harm. */
  close(): Promise<void>;
}

export interface StartedProcess extends Noted {
  /** Resolves when it is gone. */
  readonly ended: Promise<unknown>;
}

export interface DriverContext {
  readonly name: string;
  readonly driver: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Relative directories in a profile are relative to this one: the project, absolute. */
  readonly root: string;
  /** Another device of the profile, once it is open; undefined where there is none. */
  peer(name: string): Device | undefined;
  /** What devices of one machine have in common, as the line to a controller with several axes; the first one makes it. */
  readonly shared: Map<string, unknown>;
  /** To be called after every change of what the device shows. */
  changed(): void;
  /** Notes a process that the driver has started: the next boot ends it, should this runtime be killed before it can. */
  remember(started: StartedProcess): void;
}

/** What a driver's module exports. */
export interface Driver<Options> {
  /** @throws DEVICE_FAILED with `problem` and `remedy`: the device is then listed as failed and the rest works */
  open(options: Options, context: DriverContext): Promise<OpenDevice>;
}

/** `gone`: the profile that had it was switched off; only told, never listed. */
export const deviceStates = ["opening", "ready", "busy", "stopped", "failed", "gone"] as const;

interface RotaryLimits {
  readonly min_degrees: number;
  readonly max_degrees: number;
  readonly is_continuous: boolean;
}

interface LinearLimits {
  readonly min_um: number;
  readonly max_um: number;
}

interface FocusLimits {
  readonly min_dioptres: number;
  readonly max_dioptres: number;
}

/** One device on the wire. Fields a device does not have are null. */
export interface DeviceState {
  readonly name: string;
  readonly driver: string;
  readonly capabilities: readonly Capability[];
  readonly state: (typeof deviceStates)[number];
  readonly doing: string | null;
  /** Of an axis that turns. */
  readonly angle_degrees: number | null;
  /** Of an axis that slides. */
  readonly position_um: number | null;
  readonly limits: RotaryLimits | LinearLimits | FocusLimits | null;
  readonly home_degrees: number | null;
  readonly home_um: number | null;
  readonly top_speed_degrees_per_s: number | null;
  readonly top_speed_um_per_s: number | null;
  readonly is_homed: boolean | null;
  readonly is_moving: boolean | null;
  readonly is_on: boolean | null;
  /** Of a lens that can be told where to focus; null while the camera finds it by itself. */
  readonly focus_dioptres: number | null;
  /** What was measured last. */
  readonly power_uw: number | null;
  /** Why it could not be opened or does not answer, and what to do about it. */
  readonly problem: string | null;
  readonly remedy: string | null;
}

const nothingKnown = {
  doing: null,
  angle_degrees: null,
  position_um: null,
  limits: null,
  home_degrees: null,
  home_um: null,
  top_speed_degrees_per_s: null,
  top_speed_um_per_s: null,
  is_homed: null,
  is_moving: null,
  is_on: null,
  focus_dioptres: null,
  power_uw: null,
  problem: null,
  remedy: null,
} as const;

/** @param mark what the last call failed with */
export function stateOf(device: OpenDevice, mark: Trouble | null = null): DeviceState {
  const trouble = device.fault ?? mark;
  return {
    name: device.name,
    driver: device.driver,
    capabilities: device.capabilities,
    state: conditionOf(device, trouble),
    ...nothingKnown,
    doing: device.doing,
    ...(isRotary(device) && {
      angle_degrees: thousandths(device.angleDegrees),
      limits: {
        min_degrees: device.limits.minDegrees,
        max_degrees: device.limits.maxDegrees,
        is_continuous: device.travel.isContinuous,
      },
      home_degrees: device.homeDegrees,
      top_speed_degrees_per_s: device.travel.topSpeedDegreesPerS,
    }),
    ...(isLinear(device) && {
      position_um: thousandths(device.positionUm),
      limits: { min_um: device.limits.minUm, max_um: device.limits.maxUm },
      home_um: device.homeUm,
      top_speed_um_per_s: device.travel.topSpeedUmPerS,
    }),
    ...(isMovable(device) && { is_moving: device.isMoving }),
    ...(isHomeable(device) && { is_homed: device.isHomed }),
    ...(isFocusable(device) && {
      focus_dioptres: device.focusDioptres,
      limits: {
        min_dioptres: device.focusLimits.minDioptres,
        max_dioptres: device.focusLimits.maxDioptres,
      },
    }),
    ...(isMeasuring(device) && { power_uw: device.powerUw }),
    ...(isSwitchable(device) && { is_on: device.isOn }),
    ...trouble,
  };
}

const thousandths = (value: number): number => Math.round(value * 1000) / 1000;

function conditionOf({ isStopped, doing }: OpenDevice, trouble: Trouble | null): DeviceState["state"] {
  if (isStopped) return "stopped";
  if (doing !== null) return "busy";
  return trouble ? "failed" : "ready";
}

/** Of one that is not open. */
export const stateWithout = (
  { name, driver }: Pick<DeviceState, "name" | "driver">,
  state: DeviceState["state"],
  trouble: Trouble | null,
): DeviceState => ({ name, driver, capabilities: [], state, ...nothingKnown, ...trouble });
