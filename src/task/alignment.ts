// What tasks see of the search for light in `ctx.services.alignment`; src/services/alignment implements it.
import type { Device } from "./devices.ts";

/** An axis that is moved to find the most light. Lengths in the axis' own unit: micrometres or degrees. */
export interface SearchAxis {
  readonly device: Device;
  /** How far to either side of where it stands at the start. */
  readonly range: number;
  /** The first step of the climb; about half the width of the peak is good. */
  readonly step: number;
  /** An axis that has moved by less than this between two rounds has arrived. */
  readonly tolerance: number;
  /** Units per second; default: the axis' top speed. */
  readonly speed?: number;
  /** It goes after the light while others are moved, because these take the light along. Default: false. */
  readonly isFollower?: boolean;
}

export interface PeakSearch {
  /** Moved one after the other, round by round, in this order. */
  readonly axes: readonly SearchAxis[];
  /** Where light is looked for when there is none: one or two of the axes, and the pitch of the grid. */
  readonly field: { readonly axes: readonly string[]; readonly pitch: number } | null;
  /** A device that measures power. */
  readonly meter: Device;
  /** At each point; their mean counts. At least 3. */
  readonly readings: number;
  /** What counts as light; null: six times the noise of a point. */
  readonly thresholdUw: number | null;
  /** At most. */
  readonly rounds: number;
}

/** Told after every point that was measured. */
export interface SearchStep {
  /** For programs, as in `AdjustingTx`. */
  readonly phase: string;
  /** For people, as in `Adjusting Tx axis`. */
  readonly description: string;
  readonly elapsedSeconds: number;
  /** 0 to 100; never falls. */
  readonly percent: number;
  /** Where the axes stand, by name. */
  readonly positions: Readonly<Record<string, number>>;
  readonly powerUw: number;
  readonly best: MeasuredPlace;
}

export interface MeasuredPlace {
  readonly positions: Readonly<Record<string, number>>;
  readonly powerUw: number;
}

export interface FoundPeak extends MeasuredPlace {
  readonly start: MeasuredPlace;
  /** How well each axis' position is known (1 sigma); null where the power does not depend on it. */
  readonly uncertainties: Readonly<Record<string, number | null>>;
  /** Axes along which the power still rises at the end of their range. */
  readonly atRangeEnd: readonly string[];
  /** False: the last round still moved an axis by more than its tolerance. */
  readonly isSettled: boolean;
  readonly rounds: number;
  /** Points that were measured. */
  readonly points: number;
  readonly elapsedSeconds: number;
}

export interface ProfileScan {
  /** The axis; lengths in its own unit. */
  readonly device: Device;
  /** Positions of the first and the last point. */
  readonly from: number;
  readonly to: number;
  /** How many, both ends included. */
  readonly points: number;
  readonly meter: Device;
  /** At each point; their mean counts. */
  readonly readings: number;
  /** Units per second; default: the axis' top speed. */
  readonly speed?: number;
}

export interface ProfilePoint {
  readonly position: number;
  readonly powerUw: number;
}

export interface Profile {
  readonly points: readonly ProfilePoint[];
  /** Between the points, where they have the shape of a peak. */
  readonly peak: ProfilePoint;
  /** Full width at half maximum, or null where the profile does not fall to half on both sides. */
  readonly fullWidthHalfMaximum: number | null;
}

export interface AlignmentService {
  /**
   * Brings the axes to where the meter reads most. Where there is no light at the start it looks for some on a grid
   * around it; then it climbs along each axis in turn and takes the top of the parabola through what it has measured.
   * When it is thrown into, or a device rejects, axes stay where they are.
   * @throws NO_SIGNAL after the axes are back where they began; DEVICE_LACKS; Error for a field of other axes
   */
  findPeak(search: PeakSearch): AsyncGenerator<SearchStep, FoundPeak, void>;
  /** Moves one axis over a range and reads the power at each point. @throws OUT_OF_LIMITS before anything moves; DEVICE_LACKS */
  measureProfile(scan: ProfileScan): AsyncGenerator<SearchStep, Profile, void>;
}
