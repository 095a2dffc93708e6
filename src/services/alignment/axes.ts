// An axis as a search knows it: where it began, and how far it may go.
import { axisOf } from "../../hardware/axis.ts";
import type { SearchAxis } from "../../task/alignment.ts";
import type { Driven } from "./probe.ts";
import { type Range, rangeAbout } from "./range.ts";

export interface Searched extends Driven {
  readonly name: string;
  /** Where it stood. */
  readonly start: number;
  readonly range: Range;
  readonly step: number;
  readonly tolerance: number;
  readonly isFollower: boolean;
}

/** @throws DEVICE_LACKS for a device that cannot move */
export function searched({ device, range, isFollower = false, ...rest }: SearchAxis): Searched {
  const axis = axisOf(device);
  const { name, position: start } = axis;
  return { ...rest, isFollower, axis, name, start, range: rangeAbout(axis, range) };
}
