// An output of a G-code controller: spindle, laser, coolant, fan.
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { Stoppable, Switchable } from "../../../task/devices.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { ofDevice, troubleOf } from "./controller-error.ts";
import type { GcodeSwitchOptions } from "./options.ts";
import { type Seat, seated } from "./seat.ts";

class GcodeSwitch implements OpenDevice, Switchable, Stoppable {
  readonly name: string;
  readonly driver: string;
  readonly capabilities = ["switchable", "stoppable"] as const;
  readonly doing = null;
  readonly #options: GcodeSwitchOptions;
  readonly #seat: Seat;
  readonly #changed: () => void;
  #isOn = false;
  #isStopped = false;

  constructor(options: GcodeSwitchOptions, seat: Seat, context: DriverContext) {
    this.name = context.name;
    this.driver = context.driver;
    this.#options = options;
    this.#changed = context.changed;
    this.#seat = seat;
    // A controller that comes back has its outputs off.
    seat.onLost = () => {
      this.#isOn = false;
    };
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  get fault() {
    const { fault } = this.#seat.controller;
    return fault && troubleOf(fault, this.name);
  }

  async turnOn(): Promise<void> {
    if (this.#isStopped) throw new RuntimeError("STOPPED", { device: this.name });
    await this.#set(true);
  }

  turnOff(): Promise<void> {
    return this.#set(false);
  }

  /** A controller switches nothing while it moves: where the output is on, everything is halted. */
  async stop(): Promise<void> {
    const { controller } = this.#seat;
    this.#isStopped = true;
    try {
      const halted = this.#isOn ? controller.halt() : null;
      this.#changed();
      await Promise.all([halted, this.#seat.stop()]);
      if (!this.#isOn) return;
      if (controller.session.firmware.resetsOutputs) this.#show(false);
      else await this.turnOff();
    } catch (error) {
      throw ofDevice(error, this.name);
    }
  }

  release(): void {
    this.#isStopped = false;
    this.#seat.release();
    this.#changed();
  }

  async close(): Promise<void> {
    try {
      if (this.#isOn) await this.turnOff();
    } finally {
      await this.#seat.leave();
    }
  }

  async #set(isOn: boolean): Promise<void> {
    const { turn_on, turn_off } = this.#options;
    try {
      await this.#seat.controller.session.turns.command(isOn ? turn_on : turn_off);
    } catch (error) {
      throw ofDevice(error, this.name);
    }
    this.#show(isOn);
  }

  #show(isOn: boolean): void {
    this.#isOn = isOn;
    this.#changed();
  }
}

export const open = (options: GcodeSwitchOptions, context: DriverContext): Promise<OpenDevice> =>
  seated(options, context, async (seat) => {
    const output = new GcodeSwitch(options, seat, context);
    if (!seat.controller.session.firmware.resetsOutputs) await output.turnOff();
    return output;
  });
