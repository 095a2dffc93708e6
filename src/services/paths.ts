// Where a scan takes its photos. Pure: options in, points out.
import { outOfLimits } from "../hardware/axis.ts";
import { travelSeconds } from "../hardware/trapezoid.ts";
import type { PolarPoint, ScanAxes, ScanPathOptions } from "../task/services.ts";

const toDegrees = (radians: number): number => (radians * 180) / Math.PI;
const toRadians = (degrees: number): number => (degrees * Math.PI) / 180;

export function planPath(options: ScanPathOptions, axes?: ScanAxes): PolarPoint[] {
  const points = options.method === "turntable" ? turntablePath(options) : fibonacciPath(options);
  if (!axes) return points;
  refuseOutside(points, axes);
  return options.method === "fibonacci" && options.optimize ? byTravelTime(points, axes) : points;
}

/** Equal steps over a whole turn; the rotor stays where it is told. */
export function turntablePath({ points, rotorDegrees }: ScanPathOptions): PolarPoint[] {
  return Array.from({ length: points }, (_, step) => ({
    thetaDegrees: rotorDegrees,
    phiDegrees: (step * 360) / points,
  }));
}

/** 1 / golden ratio, to the digits the reference firmware uses. */
const goldenFraction = 0.6180339887;

/** Points spread evenly over a band of the sphere; one point where the band is a point. */
export function fibonacciPath(options: ScanPathOptions): PolarPoint[] {
  const { minThetaDegrees, maxThetaDegrees, minPhiDegrees, maxPhiDegrees } = options;
  const isOnePoint = minThetaDegrees === maxThetaDegrees && minPhiDegrees === maxPhiDegrees;
  const count = isOnePoint ? 1 : options.points;
  const low = Math.cos(toRadians(maxThetaDegrees));
  const high = Math.cos(toRadians(minThetaDegrees));
  const span = phiSpan(minPhiDegrees, maxPhiDegrees);
  return Array.from({ length: count }, (_, step) => {
    const z = low + (high - low) * (count === 1 ? 0.5 : step / (count - 1));
    const theta = toDegrees(Math.acos(Math.max(-1, Math.min(1, z))));
    return {
      // acos(cos(x)) may miss x by a rounding error, and a limit with it.
      thetaDegrees: Math.max(minThetaDegrees, Math.min(maxThetaDegrees, theta)),
      phiDegrees: (minPhiDegrees + span * ((step * goldenFraction) % 1)) % 360,
    };
  });
}

/** How far phi reaches; from 300 to 60 it goes through 0, from 0 to 360 all the way round. */
function phiSpan(min: number, max: number): number {
  if (min === max) return 0;
  return (((max - min) % 360) + 360) % 360 || 360;
}

/**
 * Always the next nearest in time, from where the axes stand: both travel at once, so the slower one counts.
 * Quadratic with plain arithmetic in it: 999 points are half a million times two square roots, some 20 ms.
 */
export function byTravelTime(points: readonly PolarPoint[], axes: ScanAxes): PolarPoint[] {
  const { rotor, turntable } = axes;
  const left = [...points];
  const ordered: PolarPoint[] = [];
  let theta = rotor.angleDegrees;
  let phi = turntable.angleDegrees;
  while (left.length > 0) {
    let best = 0;
    let bestSeconds = Number.POSITIVE_INFINITY;
    for (let index = 0; index < left.length; index++) {
      const { thetaDegrees, phiDegrees } = left[index] as PolarPoint;
      const tilt = travelSeconds(theta, thetaDegrees, rotor.travel);
      if (tilt >= bestSeconds) continue;
      const seconds = Math.max(tilt, travelSeconds(phi, phiDegrees, turntable.travel));
      if (seconds >= bestSeconds) continue;
      best = index;
      bestSeconds = seconds;
    }
    const [next] = left.splice(best, 1) as [PolarPoint];
    ordered.push(next);
    theta = next.thetaDegrees;
    phi = next.phiDegrees;
  }
  return ordered;
}

/** Before anything moves: a scan that cannot be finished is not begun. */
function refuseOutside(points: readonly PolarPoint[], { rotor, turntable }: ScanAxes): void {
  const refuse = (axis: ScanAxes["rotor"], angles: number[]): void => {
    const { minDegrees, maxDegrees } = axis.limits;
    const outside = angles.find((angle) => angle < minDegrees || angle > maxDegrees);
    if (outside === undefined) return;
    throw outOfLimits(axis.name, outside, { min: minDegrees, max: maxDegrees, unit: "degrees" });
  };
  refuse(
    rotor,
    points.map((point) => point.thetaDegrees),
  );
  if (!turntable.travel.isContinuous)
    refuse(
      turntable,
      points.map((point) => point.phiDegrees),
    );
}
