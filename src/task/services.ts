// What tasks see of the domain in `ctx.services`; src/services implements it.

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

/** One directory `data/projects/<project>/scanNN`. Whatever resolves here survives a power cut. */
export interface ScanFolder {
  readonly project: string;
  readonly index: number;
  /** Relative to the data directory, as in `projects/pot/scan01`. */
  readonly directory: string;
  readonly path: readonly PolarPoint[];
  /** True when the photo of this step lies on the disk, whole. */
  hasPhoto(step: number): Promise<boolean>;
  /** Writes the photo and its metadata; returns the photo's path, relative to the data directory. */
  writePhoto(
    step: number,
    photo: { bytes: Uint8Array; extension: string },
    metadata: object,
  ): Promise<string>;
  /** The photos that lie there, by step, relative to the data directory. */
  photos(): Promise<string[]>;
  /** Writes what is known of the scan into `scan.json`. */
  describe(facts: object): Promise<void>;
}

export interface Services {
  readonly projects: {
    /** Plans the path once and stores it; the scan gets the next free index of the project. */
    createScan(project: string, path: readonly PolarPoint[], facts: object): Promise<ScanFolder>;
    /** @throws FILE_NOT_FOUND when there is no such scan */
    openScan(project: string, index: number): Promise<ScanFolder>;
  };
  readonly paths: {
    plan(options: ScanPathOptions): PolarPoint[];
  };
}
