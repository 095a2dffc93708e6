// Where a simulated axis is, and where it says it is. Computed from the time, so that stopping it has a braking distance.
import type { Clock } from "../../../lib/clock.ts";
import { braking, type Motion, wrap } from "../../trapezoid.ts";

/** What the motor does for a while; a brake replaces it by another that begins where it was. */
export interface Stretch {
  /** 1 or -1; 0 where there is no way to go. */
  readonly direction: number;
  readonly motion: Motion;
  /** The share of it that the motor's steps lose. */
  readonly lostSteps: number;
}

interface Begun extends Stretch {
  readonly from: number;
  readonly startedAt: number;
}

interface Moment {
  readonly from: number;
  readonly direction: number;
  readonly distance: number;
  readonly speed: number;
  readonly lostSteps: number;
}

/** In the axis' own unit. */
export class Whereabouts {
  readonly #clock: Clock;
  readonly #isContinuous: boolean;
  #restingAt: number;
  #stretch: Begun | null = null;
  /** How far the true position is behind what the axis counts. */
  #slip = 0;

  constructor(clock: Clock, start: number, isContinuous: boolean) {
    this.#clock = clock;
    this.#restingAt = start;
    this.#isContinuous = isContinuous;
  }

  /** Where it stood last. */
  get restingAt(): number {
    return this.#restingAt;
  }

  get position(): number {
    const { from, direction, distance } = this.#now();
    return this.normal(from + direction * distance);
  }

  /** Steps that were lost on the way taken off. */
  get truePosition(): number {
    const { from, direction, distance, lostSteps } = this.#now();
    return this.normal(from + direction * distance * (1 - lostSteps) - this.#slip);
  }

  /** As this axis counts it. */
  normal(position: number): number {
    return this.#isContinuous ? wrap(position) : position;
  }

  begin(stretch: Stretch): void {
    this.#begin(stretch, this.#restingAt);
  }

  /** @returns the seconds to the standstill */
  brake(deceleration: number): number {
    const { from, direction, distance, speed, lostSteps } = this.#now();
    this.#slip += direction * distance * lostSteps;
    const motion = braking(speed, deceleration);
    this.#begin({ direction, motion, lostSteps }, from + direction * distance);
    return motion.seconds;
  }

  /** It stands still from now on: on its target, or where the brake has brought it. */
  rest(target: number | null): void {
    const { direction, distance, lostSteps } = this.#now();
    this.#slip += direction * distance * lostSteps;
    this.#restingAt = target ?? this.position;
    this.#stretch = null;
  }

  /** Where it stands counts as where it says. */
  found(): void {
    this.#slip = 0;
  }

  #begin(stretch: Stretch, from: number): void {
    this.#stretch = { ...stretch, from, startedAt: this.#clock.monotonic() };
  }

  #now(): Moment {
    if (!this.#stretch) return { from: this.#restingAt, direction: 0, distance: 0, speed: 0, lostSteps: 0 };
    const { from, direction, lostSteps, startedAt, motion } = this.#stretch;
    const seconds = (this.#clock.monotonic() - startedAt) / 1000;
    const [distance, speed] = [motion.distanceAt(seconds), motion.speedAt(seconds)];
    return { from, direction, distance, speed, lostSteps };
  }
}
