// A lamp, a relay or a fan on GPIO pins. Setting a pin takes microseconds, so it is done in the runtime itself.
import type { Switchable } from "../../../task/devices.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { failingClearly, type GpioPlace, takePins } from "./library.ts";
import type { Chip, Output } from "./lines.ts";
import type { GpioSwitchOptions } from "./options.ts";

export class GpioSwitch implements OpenDevice, Switchable {
  readonly name: string;
  readonly driver: string;
  readonly capabilities = ["switchable"] as const;
  readonly doing = null;
  readonly isStopped = false;
  readonly #place: GpioPlace;
  readonly #pins: readonly Output[];
  readonly #changed: () => void;
  #chip: Chip | null;
  #isOn: boolean;

  constructor(options: GpioSwitchOptions, context: DriverContext) {
    this.name = context.name;
    this.driver = context.driver;
    this.#changed = context.changed;
    this.#isOn = options.is_on_at_start;
    this.#place = { device: context.name, chip: options.chip, library: options.library };
    const first = { isActiveLow: options.is_active_low, isOn: options.is_on_at_start };
    const { chip, pins } = takePins(this.#place, (from) =>
      options.pins.map((pin) => from.output(pin, first)),
    );
    this.#chip = chip;
    this.#pins = pins;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  async turnOn(): Promise<void> {
    this.#set(true);
  }

  async turnOff(): Promise<void> {
    this.#set(false);
  }

  async close(): Promise<void> {
    if (!this.#chip) return;
    this.#set(false);
    this.#chip.close();
    this.#chip = null;
  }

  #set(isOn: boolean): void {
    failingClearly(this.#place, () => {
      for (const pin of this.#pins) pin.set(isOn);
    });
    this.#isOn = isOn;
    this.#changed();
  }
}

export const open = async (options: GpioSwitchOptions, context: DriverContext): Promise<OpenDevice> =>
  new GpioSwitch(options, context);
