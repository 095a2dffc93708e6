// The power along one axis, point by point, and the shape of its peak.
import { axisOf, isWithin, outOfLimits } from "../../hardware/axis.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Profile, ProfilePoint, ProfileScan } from "../../task/alignment.ts";
import { gaussianTop } from "./parabola.ts";
import { type Measured, Probe } from "./probe.ts";

export async function* measuredProfile(scan: ProfileScan, clock: Clock): Measured<Profile> {
  const { device, from, to, points: count, speed } = scan;
  const axis = axisOf(device);
  for (const end of [from, to])
    if (!axis.isContinuous && !isWithin(end, axis.limits))
      throw outOfLimits(axis.name, end, { ...axis.limits, unit: axis.unit });
  const probe = new Probe({ ...scan, axes: [{ axis, ...(speed !== undefined && { speed }) }], clock });
  probe.enter("MeasuringProfile", `Measuring the power along ${axis.name}`);
  const read: { readonly position: number; readonly powerUw: number; readonly errorUw: number }[] = [];
  for (let step = 0; step < count; step++) {
    const position = from + ((to - from) * step) / (count - 1);
    probe.reached((100 * (step + 1)) / count);
    read.push({ position, ...(yield* probe.at({ [axis.name]: position })) });
  }
  const peak = peakOf(read);
  return {
    points: read.map(({ position, powerUw }) => ({ position, powerUw })),
    peak,
    fullWidthHalfMaximum: widthOf(read, peak.powerUw / 2),
  };
}

/** The top of the points above half of the most; the highest point where they have none. */
function peakOf(points: readonly (ProfilePoint & { readonly errorUw: number })[]): ProfilePoint {
  const highest = points.reduce((best, point) => (point.powerUw > best.powerUw ? point : best));
  const at = points.indexOf(highest);
  const isUpper = ({ powerUw }: ProfilePoint): boolean => powerUw >= highest.powerUw / 2;
  // Those around the highest alone: another peak is none of its shoulders.
  const first = points.findLastIndex((point, index) => index < at && !isUpper(point)) + 1;
  const last = points.findIndex((point, index) => index > at && !isUpper(point));
  const around = points.slice(first, last === -1 ? points.length : last);
  const top = gaussianTop(
    around.map(({ position, powerUw, errorUw }) => ({ at: position, value: powerUw, error: errorUw })),
  );
  const ends = [around[0], around.at(-1)].map((point) => point?.position ?? 0);
  if (top && top.at >= Math.min(...ends) && top.at <= Math.max(...ends))
    return { position: top.at, powerUw: top.value };
  return { position: highest.position, powerUw: highest.powerUw };
}

/** Between the places where it falls through `half` on both sides of the highest point, on straight lines between points. */
function widthOf(points: readonly ProfilePoint[], half: number): number | null {
  const highest = points.reduce(
    (best, point, index) => (point.powerUw > (points[best]?.powerUw ?? 0) ? index : best),
    0,
  );
  const crossing = (direction: 1 | -1): number | null => {
    for (let index = highest; ; index += direction) {
      const [inner, outer] = [points[index], points[index + direction]];
      if (!inner || !outer) return null;
      if (outer.powerUw >= half) continue;
      const share = (inner.powerUw - half) / (inner.powerUw - outer.powerUw);
      return inner.position + share * (outer.position - inner.position);
    }
  };
  const [before, after] = [crossing(-1), crossing(1)];
  return before === null || after === null ? null : Math.abs(after - before);
}
