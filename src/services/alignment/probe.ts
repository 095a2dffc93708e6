// Goes to places and reads the power there; tells of every point, and remembers the best one. Knows no strategy.
import { wayBetween } from "../../hardware/trapezoid.ts";
import type { Clock } from "../../lib/clock.ts";
import type { MeasuredPlace, SearchStep } from "../../task/alignment.ts";
import { demand } from "../../task/capabilities.ts";
import type { Axis, Device, Measuring } from "../../task/devices.ts";
import { together } from "../motion.ts";
import { type Reading, readingOf, spread } from "./reading.ts";

export type Positions = Readonly<Record<string, number>>;

/** Measures, and tells of it on the way. */
export type Measured<Result> = AsyncGenerator<SearchStep, Result, void>;

/** An axis, and how fast it is to go: units per second; without it as fast as it can. */
export interface Driven {
  readonly axis: Axis;
  readonly speed?: number;
}

interface ProbeOptions {
  readonly axes: readonly Driven[];
  readonly meter: Device;
  readonly readings: number;
  readonly clock: Clock;
}

/** Readings from which the noise is known. */
const noiseReadings = 24;

export class Probe {
  readonly #axes: ReadonlyMap<string, Driven>;
  readonly #meter: Measuring;
  readonly #readings: number;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #start: ReadonlyMap<string, number>;
  #phase = { phase: "", description: "" };
  #percent = 0;
  #noiseUw = 0;
  #best: MeasuredPlace | null = null;
  #points = 0;

  constructor({ axes, meter, readings, clock }: ProbeOptions) {
    this.#axes = new Map(axes.map((one) => [one.axis.name, one]));
    this.#meter = demand(meter, "measuring");
    this.#readings = readings;
    this.#clock = clock;
    this.#startedAt = clock.monotonic();
    this.#start = new Map(axes.map(({ axis }) => [axis.name, axis.position]));
  }

  get elapsedSeconds(): number {
    return (this.#clock.monotonic() - this.#startedAt) / 1000;
  }

  /** Of an axis that goes round: as it went there, so beyond 0 and 360 as well. */
  get positions(): Positions {
    return Object.fromEntries(
      Array.from(this.#axes, ([name, { axis }]) => {
        const from = this.#start.get(name) ?? axis.position;
        return [name, from + wayBetween(from, axis.position, axis.isContinuous)];
      }),
    );
  }

  get points(): number {
    return this.#points;
  }

  /** Of a single reading (1 sigma), where the search began. */
  get noiseUw(): number {
    return this.#noiseUw;
  }

  get best(): MeasuredPlace {
    return this.#best ?? { positions: this.positions, powerUw: Number.NaN };
  }

  /** What is told from here on. */
  enter(phase: string, description: string): void {
    this.#phase = { phase, description };
  }

  /** @param percent 0 to 100; what is less than before is not told */
  reached(percent: number): void {
    this.#percent = Math.max(this.#percent, Math.min(100, percent));
  }

  /** Learns how noisy a reading is where it stands. */
  async *measureNoise(): Measured<Reading> {
    const values = await this.#read(noiseReadings);
    this.#noiseUw = spread(values);
    return yield* this.#tell(readingOf(values, 0));
  }

  /** The power at a place; axes that are not named stay where they are. */
  async *at(place: Positions): Measured<Reading> {
    await this.moveTo(place);
    return yield* this.#tell(readingOf(await this.#read(this.#readings), this.#noiseUw));
  }

  async moveTo(place: Positions): Promise<void> {
    const moves = Object.entries(place).flatMap(([name, position]) => {
      const { axis, speed } = this.#axes.get(name) as Driven;
      if (axis.position === position) return [];
      return [axis.moveTo(position, speed === undefined ? {} : { speed })];
    });
    await together(moves);
  }

  async #read(count: number): Promise<number[]> {
    const values: number[] = [];
    while (values.length < count) values.push(await this.#meter.readPowerUw());
    return values;
  }

  async *#tell(reading: Reading): Measured<Reading> {
    const { positions } = this;
    const { powerUw } = reading;
    this.#points++;
    if (this.#best === null || powerUw > this.#best.powerUw) this.#best = { positions, powerUw };
    yield {
      ...this.#phase,
      ...{ elapsedSeconds: this.elapsedSeconds, percent: this.#percent, positions, powerUw },
      best: this.#best,
    };
    return reading;
  }
}
