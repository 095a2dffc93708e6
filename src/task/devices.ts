// What tasks see of devices: the capabilities, with units in the names. The drivers implement them.

export interface Device {
  readonly name: string;
  /** The driver behind it, as in settings/devices. */
  readonly driver: string;
  readonly capabilities: readonly Capability[];
}

export const capabilities = ["movable", "homeable", "capturing", "switchable", "stoppable"] as const;
export type Capability = (typeof capabilities)[number];

export interface WaitOptions {
  /** Ends the wait and stops the motion; `ctx.devices` passes the task's own. */
  readonly signal?: AbortSignal;
}

/** How an axis travels; for planning. */
export interface AxisTravel {
  readonly topSpeedDegreesPerS: number;
  readonly accelerationDegreesPerS2: number;
  /** True where 0 and 360 are the same place: the axis takes the shorter way. */
  readonly isContinuous: boolean;
}

/** An axis that turns. Angles in degrees, speeds in degrees per second. */
export interface Movable extends Device {
  readonly angleDegrees: number;
  readonly travel: AxisTravel;
  readonly limits: { readonly minDegrees: number; readonly maxDegrees: number };
  readonly isMoving: boolean;
  /**
   * Moves to an absolute angle; resolves when it stands still there. When it is told to stop it rejects
   * with the signal's reason, after it stands still.
   * @throws OUT_OF_LIMITS before anything moves, STOPPED, DEVICE_BUSY, DEVICE_TIMEOUT
   */
  moveTo(angleDegrees: number, options?: WaitOptions & { readonly speedDegreesPerS?: number }): Promise<void>;
}

export interface Homeable extends Device {
  readonly homeDegrees: number;
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

export interface Switchable extends Device {
  readonly isOn: boolean;
  turnOn(): Promise<void>;
  turnOff(): Promise<void>;
}

export interface Stoppable extends Device {
  /** Stops at once, with the physical braking distance; until released it refuses to move (STOPPED). */
  stop(): Promise<void>;
  release(): void;
}

/** The types behind well-known device names; a driver's package may add its own by declaration merging. */
export interface DeviceTypes {
  rotor: Movable & Homeable & Stoppable;
  turntable: Movable & Homeable & Stoppable;
  camera: Capturing;
  light: Switchable;
}

export type DeviceOf<Name extends string> = Name extends keyof DeviceTypes ? DeviceTypes[Name] : Device;
