// A simulated lamp.
import type { Clock } from "../../../lib/clock.ts";
import type { Switchable } from "../../../task/devices.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { type Faultable, FaultPlan, type Faults } from "./faults.ts";
import type { LightOptions } from "./options.ts";

export class SimulatedLight implements OpenDevice, Switchable, Faultable {
  readonly name: string;
  readonly driver: string;
  readonly capabilities = ["switchable"] as const;
  readonly doing = null;
  readonly isStopped = false;
  readonly #options: LightOptions;
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #faults: FaultPlan;
  #isOn = false;

  constructor(options: LightOptions, context: DriverContext) {
    this.name = context.name;
    this.driver = context.driver;
    this.#options = options;
    this.#clock = context.clock;
    this.#changed = context.changed;
    this.#faults = new FaultPlan(context.name, options.faults);
    this.#faults.open();
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  get fault() {
    return this.#faults.lost;
  }

  setFaults(faults: Faults): void {
    this.#faults.set(faults);
  }

  turnOn(): Promise<void> {
    return this.#switch(true);
  }

  turnOff(): Promise<void> {
    return this.#switch(false);
  }

  async close(): Promise<void> {
    this.#isOn = false;
  }

  async #switch(on: boolean): Promise<void> {
    await this.#faults.pace(this.#clock, this.#options.switch_ms, this.#options.timeout_seconds);
    this.#isOn = on;
    this.#changed();
  }
}

export const open = async (options: LightOptions, context: DriverContext): Promise<OpenDevice> =>
  new SimulatedLight(options, context);
