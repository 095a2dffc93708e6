// The physics of an axis: speed up, cruise, slow down. Pure; the axis' unit and seconds. The planner and the simulation share it.
import type { RotaryTravel } from "../task/devices.ts";

/** A way that is travelled, as a function of time. */
export interface Motion {
  readonly seconds: number;
  /** What is travelled after `seconds`; never more than the whole way. */
  distanceAt(seconds: number): number;
  /** Units per second. */
  speedAt(seconds: number): number;
}

/** One that gets to its end: every place has its time. */
export interface Passage extends Motion {
  /** When `distance` has been travelled, in seconds: the inverse of `distanceAt`. */
  secondsAt(distance: number): number;
}

/** From standstill to standstill over `distance`; a triangle where top speed is never reached. */
export function trapezoid(distance: number, topSpeed: number, acceleration: number): Passage {
  const peak = Math.min(topSpeed, Math.sqrt(distance * acceleration));
  const ramp = peak / acceleration;
  const ramped = (peak * ramp) / 2;
  const cruise = peak > 0 ? (distance - 2 * ramped) / peak : 0;
  const seconds = 2 * ramp + cruise;
  return {
    seconds,
    distanceAt(t) {
      if (t <= 0) return 0;
      if (t >= seconds) return distance;
      if (t < ramp) return (acceleration * t * t) / 2;
      if (t < ramp + cruise) return ramped + peak * (t - ramp);
      return distance - (acceleration * (seconds - t) ** 2) / 2;
    },
    speedAt(t) {
      if (t <= 0 || t >= seconds) return 0;
      return Math.min(acceleration * t, peak, acceleration * (seconds - t));
    },
    secondsAt(travelled) {
      if (travelled <= 0) return 0;
      if (travelled >= distance) return seconds;
      if (travelled < ramped) return Math.sqrt((2 * travelled) / acceleration);
      if (travelled <= distance - ramped) return ramp + (travelled - ramped) / peak;
      return seconds - Math.sqrt((2 * (distance - travelled)) / acceleration);
    },
  };
}

/** From `speed` to standstill, as hard as the axis can; on the spot where `acceleration` is infinite. */
export function braking(speed: number, acceleration: number): Passage {
  if (!Number.isFinite(acceleration))
    return { seconds: 0, distanceAt: () => 0, speedAt: () => 0, secondsAt: () => 0 };
  const seconds = speed / acceleration;
  const left = (t: number): number => Math.min(seconds, Math.max(0, seconds - t));
  return {
    seconds,
    distanceAt: (t) => (speed * seconds - acceleration * left(t) ** 2) / 2,
    speedAt: (t) => acceleration * left(t),
    secondsAt: (travelled) =>
      travelled <= 0 ? 0 : seconds - Math.sqrt(Math.max(0, seconds ** 2 - (2 * travelled) / acceleration)),
  };
}

/** Never arrives: what a motor does that does not answer. */
export const standstill: Motion = {
  seconds: Number.POSITIVE_INFINITY,
  distanceAt: () => 0,
  speedAt: () => 0,
};

/** Goes on for ever without getting beyond `distance`: a motor that is blocked. */
export const cutShort = (motion: Motion, distance: number): Motion => ({
  seconds: Number.POSITIVE_INFINITY,
  distanceAt: (t) => Math.min(distance, motion.distanceAt(t)),
  speedAt: (t) => (motion.distanceAt(t) < distance ? motion.speedAt(t) : 0),
});

/** 0 to 360, without 360. */
export const wrap = (degrees: number): number => ((degrees % 360) + 360) % 360;

/** The signed way from one angle to another; the shorter one where the axis is continuous. */
export function wayBetween(from: number, to: number, isContinuous: boolean): number {
  if (!isContinuous) return to - from;
  const way = wrap(to - from);
  return way > 180 ? way - 360 : way;
}

/** Seconds of a move between two angles. Called half a million times for a long path, so it allocates nothing. */
export function travelSeconds(from: number, to: number, travel: RotaryTravel): number {
  const distance = Math.abs(wayBetween(from, to, travel.isContinuous));
  const { topSpeedDegreesPerS: speed, accelerationDegreesPerS2: acceleration } = travel;
  return distance * acceleration < speed * speed
    ? 2 * Math.sqrt(distance / acceleration)
    : distance / speed + speed / acceleration;
}
