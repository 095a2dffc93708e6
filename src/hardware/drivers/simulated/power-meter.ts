// A power meter behind the fibre on the alignment stage: what it reads follows from where the stage's axes stand.
import type { Clock } from "../../../lib/clock.ts";
import type { Measuring, WaitOptions } from "../../../task/devices.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { coupling, type Misalignment } from "./beam.ts";
import { type Chance, chance } from "./chance.ts";
import { type Faultable, FaultPlan, type Faults } from "./faults.ts";
import { trulyAt } from "./motor.ts";
import type { PowerMeterOptions } from "./options.ts";

export class SimulatedPowerMeter implements OpenDevice, Measuring, Faultable {
  readonly name: string;
  readonly driver: string;
  readonly capabilities = ["measuring"] as const;
  readonly isStopped = false;
  readonly #options: PowerMeterOptions;
  readonly #context: DriverContext;
  readonly #clock: Clock;
  readonly #faults: FaultPlan;
  readonly #noise: Chance;
  #readings = 0;
  #powerUw: number | null = null;

  constructor(options: PowerMeterOptions, context: DriverContext) {
    this.name = context.name;
    this.driver = context.driver;
    this.#options = options;
    this.#context = context;
    this.#clock = context.clock;
    this.#noise = chance(options.seed);
    this.#faults = new FaultPlan(context.name, options.faults);
    this.#faults.open();
  }

  get powerUw(): number | null {
    return this.#powerUw;
  }

  get doing(): string | null {
    return this.#readings > 0 ? "measuring" : null;
  }

  get fault() {
    return this.#faults.lost;
  }

  setFaults(faults: Faults): void {
    this.#faults.set(faults);
  }

  async readPowerUw({ signal }: WaitOptions = {}): Promise<number> {
    const { integration_ms, timeout_seconds, relative_noise, floor_uw } = this.#options;
    this.#readings++;
    try {
      await this.#faults.pace(this.#clock, integration_ms, timeout_seconds, signal);
      const light = this.#lightUw();
      const read = light * (1 + relative_noise * this.#noise.normal()) + floor_uw * this.#noise.normal();
      this.#powerUw = read;
      return read;
    } finally {
      this.#readings--;
      this.#context.changed();
    }
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  #lightUw(): number {
    const { peak_power_uw, waist_um, wavelength_um, lever_um } = this.#options;
    const fibre = { waistUm: waist_um, wavelengthUm: wavelength_um, leverUm: lever_um };
    return peak_power_uw * coupling(this.#misalignment(), fibre);
  }

  /** An axis that the profile does not have stands where it should. */
  #misalignment(): Misalignment {
    const { axes, peak } = this.#options;
    const away = (axis: string, best: number): number => (trulyAt(this.#context.peer(axis)) ?? best) - best;
    return {
      xUm: away(axes.x, peak.x_um),
      yUm: away(axes.y, peak.y_um),
      zUm: away(axes.z, peak.z_um),
      txDegrees: away(axes.tx, peak.tx_degrees),
      tyDegrees: away(axes.ty, peak.ty_degrees),
      tzDegrees: away(axes.tz, peak.tz_degrees),
    };
  }
}

export const open = async (options: PowerMeterOptions, context: DriverContext): Promise<OpenDevice> =>
  new SimulatedPowerMeter(options, context);
