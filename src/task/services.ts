// What tasks see of the domain in `ctx.services`; src/services implements it.
import type { AlignmentService } from "./alignment.ts";
import type { CloudService } from "./cloud.ts";
import type { Axis, Device, RotaryAxis } from "./devices.ts";
import type { MicroscopeService } from "./microscope.ts";

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

/** Photos of one pose at several places of the focus, evenly apart: in dioptres, 1 / metres. */
export interface FocusStackOptions {
  /** 1: the focus is left as it is. */
  readonly count: number;
  readonly minDioptres: number;
  readonly maxDioptres: number;
}

/** The focus of one camera during a scan. */
export interface FocusStack {
  /** Where to focus, in the order of the photos; null is where the camera's focus stands. */
  readonly positions: readonly (number | null)[];
  /** Brings the focus to one of `positions`; null leaves it. */
  focusAt(position: number | null): Promise<void>;
  /** Gives the camera the focus it had. For `finally`: what fails is logged. */
  restore(log: { warn(message: string, fields?: object): void }): Promise<void>;
}

/** A photo's file, and which of a focus stack it is, from 0; without `focus` it is the only one of its step. */
export interface PhotoFile {
  readonly bytes: Uint8Array;
  readonly extension: string;
  readonly focus?: number | undefined;
}

/** One directory `data/projects/<project>/scanNN`. Whatever resolves here survives a power cut. */
export interface ScanFolder {
  readonly project: string;
  readonly index: number;
  /** Relative to the data directory, as in `projects/pot/scan01`. */
  readonly directory: string;
  readonly path: readonly PolarPoint[];
  /**
   * True when the photo of this step lies on the disk, whole, with its metadata.
   * @param focus which of the step's focus stack; without it the step's only photo
   */
  hasPhoto(step: number, focus?: number): Promise<boolean>;
  /**
   * Writes the photo and its metadata as `scan01_003.jpg`, or `scan01_003_fs00.jpg` where it is one of a focus stack;
   * returns the photo's path, relative to the data directory.
   */
  writePhoto(step: number, photo: PhotoFile, metadata: object): Promise<string>;
  /** The same without waiting, so that the next move need not wait for the disk; `saved` waits and tells. */
  savePhoto(step: number, photo: PhotoFile, metadata: object): void;
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
  readonly cloud?: ProjectCloud;
}

/** What the cloud has of a project, and what came back. */
export interface ProjectCloud {
  /** Under which the cloud knows it. */
  readonly remote_name: string | null;
  readonly uploaded_at: string | null;
  /** Of the model that lies in `model`; null while there is none of that upload. */
  readonly downloaded_at: string | null;
}

/** A place, or a way from where the axis stands; in its own unit, `speed` in units per second. */
export type MoveRequest = { readonly position: number } | { readonly distance: number };

/** One move of one axis from its beginning to its end, in the axis' own unit. */
export interface Movement {
  readonly axis: Axis;
  /** Where it stood. */
  readonly start: number;
  readonly target: number;
  /** The way from start to target, signed; on a continuous axis the shorter one, unless it was told a distance. */
  readonly requested: number;
  /** What it has come of it so far. */
  readonly travelled: number;
  /** It stands still, at the target or where it was stopped. */
  readonly isOver: boolean;
  readonly elapsedSeconds: number;
  /** Resolves when it stands still at the target. @throws what `Axis.moveTo` throws, when it stands still */
  readonly ended: Promise<void>;
  /** Resolves after `ms`, or as soon as it is over; never rejects. */
  glance(ms: number): Promise<void>;
  /** Brakes; resolves when the axis stands still, and it stays there until `goOn`. Never rejects. */
  hold(): Promise<void>;
  /** Goes on to the target from where it was held. */
  goOn(): void;
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
  readonly focus: {
    /**
     * Where a camera is to focus for each photo of a pose: `min + i · (max − min) / (count − 1)`. Nothing has moved yet.
     * @throws DEVICE_LACKS for more than one photo with a camera that cannot be told where to focus, OUT_OF_LIMITS
     */
    stack(camera: Device, options: FocusStackOptions): FocusStack;
    /** The same for places of your own, in dioptres; none leave the focus as it is. @throws DEVICE_LACKS, OUT_OF_LIMITS */
    at(camera: Device, positions: readonly number[]): FocusStack;
  };
  readonly motion: {
    /** An axis of either kind in its own unit. @throws DEVICE_LACKS for a device that cannot move */
    axis(device: Device): Axis;
    /**
     * Begins a move to be looked at while it is under way; `ended` tells how it went. Without `speed` (units per second)
     * as fast as the axis can, and never faster.
     * @throws DEVICE_LACKS
     */
    move(device: Device, request: MoveRequest & { readonly speed?: number }): Movement;
    /** The same for the way home. @throws DEVICE_LACKS */
    home(device: Device): Movement;
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
  readonly alignment: AlignmentService;
  readonly microscope: MicroscopeService;
  readonly cloud: CloudService;
}
