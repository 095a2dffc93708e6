// What tasks see of the domain in `ctx.services`; src/services implements it.
import type { Axis, Device, RotaryAxis } from "./devices.ts";

export interface PolarPoint {
  /** 0 is the pole, 180 straight below: the rotor's angle, in degrees. */
  readonly thetaDegrees: number;
  /** The turntable's angle, in degrees. */
  readonly phiDegrees: number;
}

export interface ScanPathOptions {
  readonly method: "fibonacci" | "turntable";
  readonly points: number;
  readonly minThetaDegrees: number;
  readonly maxThetaDegrees: number;
  readonly minPhiDegrees: number;
  readonly maxPhiDegrees: number;
  /** Where the rotor stands for `turntable`, in degrees. */
  readonly rotorDegrees: number;
  /** Orders the points by travel time; only for `fibonacci`. */
  readonly optimize: boolean;
}

/** Where the axes of a scanner stand, how they travel and how far. */
export interface ScanAxes {
  readonly rotor: Pick<RotaryAxis, "name" | "angleDegrees" | "travel" | "limits">;
  readonly turntable: Pick<RotaryAxis, "name" | "angleDegrees" | "travel" | "limits">;
}

/** One directory `data/projects/<project>/scanNN`. Whatever resolves here survives a power cut. */
export interface ScanFolder {
  readonly project: string;
  readonly index: number;
  /** Relative to the data directory, as in `projects/pot/scan01`. */
  readonly directory: string;
  readonly path: readonly PolarPoint[];
  /** True when the photo of this step lies on the disk, whole, with its metadata. */
  hasPhoto(step: number): Promise<boolean>;
  /** Writes the photo and its metadata; returns the photo's path, relative to the data directory. */
  writePhoto(
    step: number,
    photo: { bytes: Uint8Array; extension: string },
    metadata: object,
  ): Promise<string>;
  /** The same without waiting, so that the next move need not wait for the disk; `saved` waits and tells. */
  savePhoto(step: number, photo: { bytes: Uint8Array; extension: string }, metadata: object): void;
  /** Resolves when every photo handed to `savePhoto` is durable. @throws what the first that failed threw */
  saved(): Promise<void>;
  /** The photos that lie there, by step, relative to the data directory. */
  photos(): Promise<string[]>;
  /** Adds what is known of the scan to `scan.json`. */
  describe(facts: object): Promise<void>;
}

/** A project as `project.json` keeps it. */
export interface ProjectFacts {
  readonly name: string;
  readonly created_at: string;
  readonly scans: readonly number[];
}

export interface Services {
  readonly projects: {
    /** Every project, by name. */
    list(): Promise<ProjectFacts[]>;
    /**
     * Stores the path; the scan gets the next free index of the project.
     * @throws PATH_REFUSED for a name that is no plain folder name
     */
    createScan(project: string, path: readonly PolarPoint[], facts: object): Promise<ScanFolder>;
    /** @throws FILE_NOT_FOUND when there is no such scan */
    openScan(project: string, index: number): Promise<ScanFolder>;
  };
  readonly paths: {
    /**
     * The points of a scan, in the order of the photos. With `axes` they are ordered by travel time from where those
     * stand, and held against their limits.
     * @throws OUT_OF_LIMITS
     */
    plan(options: ScanPathOptions, axes?: ScanAxes): PolarPoint[];
  };
  readonly motion: {
    /** An axis of either kind in its own unit. @throws DEVICE_LACKS for a device that cannot move */
    axis(device: Device): Axis;
    /** Resolves when all of the moves have ended, well or not: nothing moves any more. @throws what the first threw */
    together(moves: readonly Promise<void>[]): Promise<void>;
    /**
     * Brings axes home and switches lights off. For `finally`: what fails is logged and does not hide why the task
     * ended; a stopped machine stays where it is.
     */
    park(
      devices: Readonly<Record<string, Device>>,
      log: { warn(message: string, fields?: object): void },
    ): Promise<void>;
  };
}
