// An axis in its own unit, whether it turns or slides: the one place where the two kinds are alike.
import { RuntimeError } from "../errors/runtime-error.ts";
import { demand, isLinear } from "../task/capabilities.ts";
import type { Axis, AxisUnit, Device, LinearAxis, RotaryAxis } from "../task/devices.ts";

/** @throws DEVICE_LACKS for a device that cannot move */
export function axisOf(device: Device): Axis {
  const movable = demand(device, "movable");
  return isLinear(movable) ? new Slide(movable) : new Turn(movable as RotaryAxis);
}

class Turn implements Axis {
  readonly unit = "degrees";
  readonly #axis: RotaryAxis;

  constructor(axis: RotaryAxis) {
    this.#axis = axis;
  }

  get name() {
    return this.#axis.name;
  }
  get position() {
    return this.#axis.angleDegrees;
  }
  get limits() {
    const { minDegrees, maxDegrees } = this.#axis.limits;
    return { min: minDegrees, max: maxDegrees };
  }
  get isContinuous() {
    return this.#axis.travel.isContinuous;
  }
  get home() {
    return this.#axis.homeDegrees;
  }
  get topSpeed() {
    return this.#axis.travel.topSpeedDegreesPerS;
  }
  get acceleration() {
    return this.#axis.travel.accelerationDegreesPerS2;
  }
  get isMoving() {
    return this.#axis.isMoving;
  }

  moveTo(position: number, { speed, ...options }: Parameters<Axis["moveTo"]>[1] = {}) {
    return this.#axis.moveTo(
      position,
      speed === undefined ? options : { ...options, speedDegreesPerS: speed },
    );
  }
}

class Slide implements Axis {
  readonly unit = "um";
  readonly isContinuous = false;
  readonly #axis: LinearAxis;

  constructor(axis: LinearAxis) {
    this.#axis = axis;
  }

  get name() {
    return this.#axis.name;
  }
  get position() {
    return this.#axis.positionUm;
  }
  get limits() {
    const { minUm, maxUm } = this.#axis.limits;
    return { min: minUm, max: maxUm };
  }
  get home() {
    return this.#axis.homeUm;
  }
  get topSpeed() {
    return this.#axis.travel.topSpeedUmPerS;
  }
  get acceleration() {
    return this.#axis.travel.accelerationUmPerS2;
  }
  get isMoving() {
    return this.#axis.isMoving;
  }

  moveTo(position: number, { speed, ...options }: Parameters<Axis["moveTo"]>[1] = {}) {
    return this.#axis.moveTo(position, speed === undefined ? options : { ...options, speedUmPerS: speed });
  }
}

/** As a person writes it: `12.5 µm`. */
export const inUnit = (position: number, unit: Unit): string =>
  `${Number(position.toPrecision(9))} ${unitWords[unit]}`;

/** Of axes, and of what else has limits: a lens. */
type Unit = AxisUnit | "dioptres";
const unitWords: Readonly<Record<Unit, string>> = { degrees: "degrees", um: "µm", dioptres: "dioptres" };

export interface Range {
  readonly min: number;
  readonly max: number;
  readonly unit: Unit;
}

/** False for what is no number at all. */
export const isWithin = (target: number, { min, max }: Pick<Range, "min" | "max">): boolean =>
  target >= min && target <= max;

/** The refusal of a move, for every driver the same: with the limits in words and as numbers. */
export function outOfLimits(device: string, target: number, { min, max, unit }: Range): RuntimeError {
  // Rounded it may be a place that is allowed.
  const shown = isWithin(Number(target.toPrecision(9)), { min, max })
    ? `${target} ${unitWords[unit]}`
    : inUnit(target, unit);
  return new RuntimeError("OUT_OF_LIMITS", {
    device,
    target: shown,
    limits: `${min} to ${inUnit(max, unit)}`,
    [`min_${unit}`]: min,
    [`max_${unit}`]: max,
  });
}
