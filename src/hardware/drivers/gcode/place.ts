// Where an axis stands, in its own unit: what the controller reports is rounded to steps, and counts the turns of an axis
// that turns for ever.
import { wayBetween, wrap } from "../../trapezoid.ts";

export interface PlaceOptions {
  /** What the controller counts as one, in the axis' unit: 1000 um, 1 degree. */
  readonly perUnit: number;
  readonly isContinuous: boolean;
}

export class Place {
  readonly #options: PlaceOptions;
  /** How far a report may be off, in the axis' unit. */
  readonly #tolerance: number;
  readonly #look: () => number | undefined;
  #seen = 0;
  /** Where it was sent and has arrived. */
  #arrived: { readonly shown: number; readonly machine: number; readonly reported: number } | null = null;

  /** @param resolution in the controller's unit @param look what the controller reports, if it is there */
  constructor(options: PlaceOptions, resolution: number, look: () => number | undefined) {
    this.#options = options;
    this.#tolerance = resolution * options.perUnit;
    this.#look = look;
  }

  /** Where it stands; where it was last seen while the controller is lost. */
  get position(): number {
    return this.#standing?.shown ?? this.normal(this.#reported);
  }

  /** Where the controller has to send it, as the controller counts; the shorter way where it turns for ever. */
  machineTarget(target: number): number {
    const from = this.#standing?.machine ?? this.#reported;
    const machine = from + wayBetween(this.normal(from), target, this.#options.isContinuous);
    return tidy(machine / this.#options.perUnit);
  }

  leave(): void {
    this.#arrived = null;
  }

  arrive(shown: number, machineTarget: number): void {
    this.#arrived = { shown, machine: machineTarget * this.#options.perUnit, reported: this.#reported };
  }

  /** 0 to 360, without 360, where it turns for ever. */
  normal(position: number): number {
    return this.#options.isContinuous ? wrap(position) : position;
  }

  /** A place of the controller's. */
  fromMachine(position: number): number {
    return this.normal(tidy(position * this.#options.perUnit));
  }

  get #reported(): number {
    const position = this.#look();
    if (position !== undefined) this.#seen = tidy(position * this.#options.perUnit);
    return this.#seen;
  }

  /** Where it was sent, while the controller still says so. */
  get #standing() {
    const arrived = this.#arrived;
    return arrived && Math.abs(this.#reported - arrived.reported) < this.#tolerance ? arrived : null;
  }
}

/** Without what floating point adds in the tenth place. */
const tidy = (value: number): number => Math.round(value * 1e6) / 1e6;
