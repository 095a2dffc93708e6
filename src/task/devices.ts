// What tasks see of devices: the capabilities, with units in the names. The drivers implement them.

export interface Device {
  readonly name: string;
  /** The driver behind it, as in settings/devices. */
  readonly driver: string;
  readonly capabilities: readonly Capability[];
}

export const capabilities = [
  "movable",
  "homeable",
  "capturing",
  "focusable",
  "switchable",
  "measuring",
  "triggerable",
  "stoppable",
] as const;
export type Capability = (typeof capabilities)[number];

export interface WaitOptions {
  /** Ends the wait and stops the motion; `ctx.devices` passes the task's own. */
  readonly signal?: AbortSignal;
}

/** How an axis that turns travels; for planning. */
export interface RotaryTravel {
  readonly topSpeedDegreesPerS: number;
  readonly accelerationDegreesPerS2: number;
  /** True where 0 and 360 are the same place: the axis takes the shorter way. */
  readonly isContinuous: boolean;
}

/** How an axis that slides travels; for planning. */
export interface LinearTravel {
  readonly topSpeedUmPerS: number;
  readonly accelerationUmPerS2: number;
}

/** An axis that turns. Angles in degrees, speeds in degrees per second. */
export interface RotaryAxis extends Device {
  readonly unit: "degrees";
  readonly angleDegrees: number;
  readonly travel: RotaryTravel;
  readonly limits: { readonly minDegrees: number; readonly maxDegrees: number };
  /** Where `home` brings it, or null for one that has no home. */
  readonly homeDegrees: number | null;
  readonly isMoving: boolean;
  /**
   * Moves to an absolute angle; resolves when it stands still there. When it is told to stop it rejects
   * with the signal's reason, after it stands still.
   * @throws OUT_OF_LIMITS before anything moves, STOPPED, DEVICE_BUSY, DEVICE_TIMEOUT
   */
  moveTo(angleDegrees: number, options?: WaitOptions & { readonly speedDegreesPerS?: number }): Promise<void>;
}

/** An axis that slides, a focus too. Positions in micrometres, speeds in micrometres per second. */
export interface LinearAxis extends Device {
  readonly unit: "um";
  readonly positionUm: number;
  readonly travel: LinearTravel;
  readonly limits: { readonly minUm: number; readonly maxUm: number };
  /** Where `home` brings it, or null for one that has no home. */
  readonly homeUm: number | null;
  readonly isMoving: boolean;
  /** As `RotaryAxis.moveTo`, in micrometres. */
  moveTo(positionUm: number, options?: WaitOptions & { readonly speedUmPerS?: number }): Promise<void>;
}

/** Whatever is `movable`; `unit` tells which. */
export type Movable = RotaryAxis | LinearAxis;

export type AxisUnit = Movable["unit"];

/** An axis of either kind in its own unit, for code that serves both: `ctx.services.motion.axis(device)`. */
export interface Axis {
  readonly name: string;
  readonly unit: AxisUnit;
  readonly position: number;
  readonly limits: { readonly min: number; readonly max: number };
  readonly isContinuous: boolean;
  readonly home: number | null;
  /** Units per second. */
  readonly topSpeed: number;
  /** Units per second squared. */
  readonly acceleration: number;
  readonly isMoving: boolean;
  /** As `RotaryAxis.moveTo`, `speed` in units per second. */
  moveTo(position: number, options?: WaitOptions & { readonly speed?: number }): Promise<void>;
}

export interface Homeable extends Device {
  readonly isHomed: boolean;
  /** Goes to the home position; resolves when it stands still there. */
  home(options?: WaitOptions): Promise<void>;
}

export interface CaptureOptions extends WaitOptions {
  readonly exposureMs?: number;
  readonly gain?: number;
}

export interface Photo {
  /** The file's bytes as the camera made them, with EXIF. */
  readonly bytes: Uint8Array;
  /** MIME type, as in `image/jpeg`. */
  readonly type: string;
  /** Without the dot, as in `jpg`. */
  readonly extension: string;
  readonly takenAt: string;
  readonly exposureMs: number;
  readonly gain: number;
}

export interface Capturing extends Device {
  /** One exposure. @throws DEVICE_FAILED, DEVICE_TIMEOUT, DEVICE_BUSY */
  capture(options?: CaptureOptions): Promise<Photo>;
}

/** A camera whose lens can be told where to focus: in dioptres, 1 / metres. 0 is far away, 10 is 10 cm. */
export interface Focusable extends Device {
  /** Where it was told to focus; null while the camera finds it by itself. */
  readonly focusDioptres: number | null;
  readonly focusLimits: { readonly minDioptres: number; readonly maxDioptres: number };
  /**
   * Resolves when the lens stands there, and it stays there for every photo to come.
   * @throws OUT_OF_LIMITS before the lens moves, DEVICE_BUSY during an exposure, DEVICE_FAILED, DEVICE_TIMEOUT
   */
  focusAt(dioptres: number, options?: WaitOptions): Promise<void>;
  /** Leaves the focus to the camera again. @throws as `focusAt` */
  autofocus(options?: WaitOptions): Promise<void>;
}

export interface Switchable extends Device {
  readonly isOn: boolean;
  turnOn(): Promise<void>;
  turnOff(): Promise<void>;
}

/** Reads optical power. */
export interface Measuring extends Device {
  /** What was read last, in microwatts; null before the first reading. */
  readonly powerUw: number | null;
  /** One reading, in microwatts; noise makes it a little less than 0 where it is dark. @throws DEVICE_FAILED, DEVICE_TIMEOUT */
  readPowerUw(options?: WaitOptions): Promise<number>;
}

/** Sends pulses: the remote release of a camera that keeps its photos, say. */
export interface Triggerable extends Device {
  /** One pulse; resolves when it, and the time its profile leaves for what it releases, is over. @throws DEVICE_BUSY, DEVICE_FAILED */
  trigger(options?: WaitOptions): Promise<void>;
}

export interface Stoppable extends Device {
  /** Stops at once, with the physical braking distance; until released it refuses to move (STOPPED). */
  stop(): Promise<void>;
  release(): void;
}

/** The types behind well-known device names; a driver's package may add its own by declaration merging. */
export interface DeviceTypes {
  rotor: RotaryAxis & Homeable & Stoppable;
  turntable: RotaryAxis & Homeable & Stoppable;
  camera: Capturing;
  light: Switchable;
  trigger: Triggerable;
  x: LinearAxis & Homeable & Stoppable;
  y: LinearAxis & Homeable & Stoppable;
  z: LinearAxis & Homeable & Stoppable;
  tx: RotaryAxis & Homeable & Stoppable;
  ty: RotaryAxis & Homeable & Stoppable;
  tz: RotaryAxis & Homeable & Stoppable;
  power_meter: Measuring;
  microscope_x: LinearAxis & Homeable & Stoppable;
  microscope_y: LinearAxis & Homeable & Stoppable;
  microscope_z: LinearAxis & Homeable & Stoppable;
  microscope_focus: LinearAxis & Homeable & Stoppable;
  microscope_camera: Capturing;
}

export type DeviceOf<Name extends string> = Name extends keyof DeviceTypes ? DeviceTypes[Name] : Device;
