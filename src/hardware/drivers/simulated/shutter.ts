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
  #doing: string | null = null;

  constructor(options: ShutterOptions, context: DriverContext) {
    this.#name = context.name;
    this.#clock = context.clock;
    this.#changed = context.changed;
    this.#options = options;
    this.#faults = new FaultPlan(context.name, options.faults);
    this.#faults.open();
  }

  get doing(): string | null {
    return this.#doing;
  }

  get fault() {
    return this.#faults.lost;
  }

  setFaults(faults: Faults): void {
    this.#faults.set(faults);
  }

  /** @throws DEVICE_BUSY, DEVICE_FAILED, DEVICE_TIMEOUT, or the signal's reason; it is free again in any case */
  async expose<T>(options: CaptureOptions, take: (exposure: Exposure) => Promise<T>): Promise<T> {
    const exposureMs = options.exposureMs ?? this.#options.exposure_ms;
    const gain = options.gain ?? this.#options.gain;
    return this.alone("taking a photo", exposureMs, options.signal, () => take({ exposureMs, gain }));
  }

  /** Whatever else takes its time while nobody may take a photo; throws as `expose`. */
  async alone<T>(
    doing: string,
    ms: number,
    signal: AbortSignal | undefined,
    work: () => T | Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    if (this.#doing) throw new RuntimeError("DEVICE_BUSY", { device: this.#name, doing: this.#doing });
    this.#set(doing);
    try {
      await this.#faults.pace(this.#clock, ms, this.#options.timeout_seconds, signal);
      return await work();
    } finally {
      this.#set(null);
    }
  }

  #set(doing: string | null): void {
    this.#doing = doing;
    this.#changed();
  }
}
