// What tasks see of the microscope in `ctx.services.microscope`; src/services/microscope implements it.
import type { Device } from "./devices.ts";

export interface FocusSearch {
  /** The axis that focuses, in micrometres. */
  readonly device: Device;
  readonly camera: Device;
  /** How far to either side of where the axis stands. */
  readonly rangeUm: number;
  /** From photo to photo of the first pass; the last one goes in steps of a sixteenth. */
  readonly stepUm: number;
  /** Default: the axis' top speed. */
  readonly speedUmPerS?: number;
  readonly exposureMs?: number;
  readonly gain?: number;
}

/** Told after every photo. */
export interface FocusStep {
  /** For programs, as in `CoarseFocus`. */
  readonly phase: string;
  /** For people. */
  readonly description: string;
  readonly elapsedSeconds: number;
  /** 0 to 100. */
  readonly percent: number;
  readonly positionUm: number;
  /** Only to be compared within a phase. */
  readonly sharpness: number;
}

export interface FoundFocus {
  readonly startUm: number;
  readonly positionUm: number;
  /** As `MicroscopeService.sharpness` says of a photo taken there. */
  readonly sharpness: number;
  /** The sharpest photo lies at the end of the range: the focus may be beyond. */
  readonly isAtRangeEnd: boolean;
  readonly photos: number;
}

export interface MicroscopeService {
  /**
   * Variance of the Laplacian of the photo's brightness: the more, the sharper (J. L. Pech-Pacheco et al., ICPR 2000).
   * @param bytes a photo in any format sharp reads
   * @throws OPTIONAL_PACKAGE_MISSING where there is no sharp
   */
  sharpness(bytes: Uint8Array): Promise<number>;
  /**
   * Takes photos over a range, then closer and closer about the sharpest, and moves to the top of the curve through them.
   * @throws NO_FOCUS where all photos are alike, after the axis is back where it began; OPTIONAL_PACKAGE_MISSING
   */
  autofocus(search: FocusSearch): AsyncGenerator<FocusStep, FoundFocus, void>;
  /**
   * The photo as a JPEG of at most so many bytes, of less quality and then smaller as it needs to be; the very same bytes
   * where they are one already.
   * @throws OPTIONAL_PACKAGE_MISSING
   */
  preview(bytes: Uint8Array, mostBytes: number): Promise<Uint8Array>;
}
