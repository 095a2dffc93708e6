// A pulse on a GPIO pin, as the remote release of a camera wants it. Its length is a matter of milliseconds, so it is
// made in the runtime itself.
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { Triggerable, WaitOptions } from "../../../task/devices.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { wait } from "../../wait.ts";
import { failingClearly, type GpioPlace, takePins } from "./library.ts";
import type { Chip, Output } from "./lines.ts";
import type { GpioTriggerOptions } from "./options.ts";

export class GpioTrigger implements OpenDevice, Triggerable {
  readonly name: string;
  readonly driver: string;
  readonly capabilities = ["triggerable"] as const;
  readonly isStopped = false;
  readonly #options: GpioTriggerOptions;
  readonly #context: DriverContext;
  readonly #place: GpioPlace;
  readonly #pin: Output;
  #chip: Chip | null;
  #isBusy = false;

  constructor(options: GpioTriggerOptions, context: DriverContext) {
    this.name = context.name;
    this.driver = context.driver;
    this.#options = options;
    this.#context = context;
    this.#place = { device: context.name, chip: options.chip, library: options.library };
    const first = { isActiveLow: options.is_active_low, isOn: false };
    const { chip, pins } = takePins(this.#place, (from) => from.output(options.pin, first));
    this.#chip = chip;
    this.#pin = pins;
  }

  get doing(): string | null {
    return this.#isBusy ? "triggering" : null;
  }

  /** @throws DEVICE_BUSY, DEVICE_FAILED, or the signal's reason; the pin is off again in any case */
  async trigger({ signal }: WaitOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (this.#isBusy) throw new RuntimeError("DEVICE_BUSY", { device: this.name, doing: this.doing });
    const { before_ms, pulse_ms, after_ms } = this.#options;
    const { clock } = this.#context;
    this.#show(true);
    try {
      await wait(clock, before_ms, signal);
      this.#set(true);
      await wait(clock, pulse_ms, signal);
      this.#set(false);
      await wait(clock, after_ms, signal);
    } finally {
      this.#set(false);
      this.#show(false);
    }
  }

  async close(): Promise<void> {
    if (!this.#chip) return;
    this.#set(false);
    this.#chip.close();
    this.#chip = null;
  }

  #set(isOn: boolean): void {
    if (this.#chip) failingClearly(this.#place, () => this.#pin.set(isOn));
  }

  #show(isBusy: boolean): void {
    this.#isBusy = isBusy;
    this.#context.changed();
  }
}

export const open = async (options: GpioTriggerOptions, context: DriverContext): Promise<OpenDevice> =>
  new GpioTrigger(options, context);
