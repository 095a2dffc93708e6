// One exposure at a time, as long as it takes, with its faults. What the picture shows is the camera's business.
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { CaptureOptions } from "../../../task/devices.ts";
import type { DriverContext } from "../../device.ts";
import { FaultPlan, type Faults } from "./faults.ts";
import type { ShutterOptions } from "./options.ts";

/** What a capture was asked for, defaults filled in. */
export interface Exposure {
  readonly exposureMs: number;
  readonly gain: number;
}

export class Shutter {
  readonly #name: string;
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #options: ShutterOptions;
  readonly #faults: FaultPlan;
  #isOpen = false;

  constructor(options: ShutterOptions, context: DriverContext) {
    this.#name = context.name;
    this.#clock = context.clock;
    this.#changed = context.changed;
    this.#options = options;
    this.#faults = new FaultPlan(context.name, options.faults);
    this.#faults.open();
  }

  get doing(): string | null {
    return this.#isOpen ? "taking a photo" : null;
  }

  get fault() {
    return this.#faults.lost;
  }

  setFaults(faults: Faults): void {
    this.#faults.set(faults);
  }

  /** @throws DEVICE_BUSY, DEVICE_FAILED, DEVICE_TIMEOUT, or the signal's reason; it is free again in any case */
  async expose<T>(options: CaptureOptions, take: (exposure: Exposure) => Promise<T>): Promise<T> {
    options.signal?.throwIfAborted();
    if (this.#isOpen) throw new RuntimeError("DEVICE_BUSY", { device: this.#name, doing: this.doing });
    const exposureMs = options.exposureMs ?? this.#options.exposure_ms;
    const gain = options.gain ?? this.#options.gain;
    this.#set(true);
    try {
      await this.#faults.pace(this.#clock, exposureMs, this.#options.timeout_seconds, options.signal);
      return await take({ exposureMs, gain });
    } finally {
      this.#set(false);
    }
  }

  #set(isOpen: boolean): void {
    this.#isOpen = isOpen;
    this.#changed();
  }
}
