// The camera of a simulated microscope: it sees what the stage has brought under it, as sharp as the focus has it.
import { isoTime } from "../../../lib/clock.ts";
import type { CaptureOptions, Capturing, Photo } from "../../../task/devices.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { Darkroom } from "./darkroom.ts";
import type { Faultable, Faults } from "./faults.ts";
import { trulyAt } from "./motor.ts";
import type { MicroscopeOptions } from "./options.ts";
import { type Exposure, Shutter } from "./shutter.ts";

/** The exposure at gain 1 that the specimen needs. */
const goodExposureMs = 100;
/** Beyond this everything is one fog. */
const mostBlurPx = 40;

export class SimulatedMicroscopeCamera implements OpenDevice, Capturing, Faultable {
  readonly name: string;
  readonly driver: string;
  readonly capabilities = ["capturing"] as const;
  readonly isStopped = false;
  readonly #options: MicroscopeOptions;
  readonly #context: DriverContext;
  readonly #shutter: Shutter;
  readonly #darkroom = new Darkroom();

  constructor(options: MicroscopeOptions, context: DriverContext) {
    this.name = context.name;
    this.driver = context.driver;
    this.#options = options;
    this.#context = context;
    this.#shutter = new Shutter(options, context);
  }

  get doing(): string | null {
    return this.#shutter.doing;
  }

  get fault() {
    return this.#shutter.fault;
  }

  setFaults(faults: Faults): void {
    this.#shutter.setFaults(faults);
  }

  capture(options: CaptureOptions = {}): Promise<Photo> {
    return this.#shutter.expose(options, async (exposure) => {
      const takenAt = isoTime(this.#context.clock.now());
      const bytes = await this.#render(exposure, takenAt);
      return { bytes, type: "image/jpeg", extension: "jpg", takenAt, ...exposure };
    });
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  async #render(exposure: Exposure, takenAt: string): Promise<Uint8Array> {
    const { width, height, um_per_px, axes } = this.#options;
    const [xUm, yUm] = [this.#at(axes.x), this.#at(axes.y)];
    const brightness = (exposure.exposureMs * exposure.gain) / goodExposureMs;
    const { specimenAsSvg } = await import("./specimen.ts");
    const svg = specimenAsSvg({ xUm, yUm, umPerPx: um_per_px, width, height, brightness });
    const blurPx = this.#blurPx(xUm);
    return this.#darkroom.develop({ svg, blurPx, exposure, takenAt, model: "Simulated microscope" });
  }

  /** The circle of confusion grows with the distance from the plane that is sharp. */
  #blurPx(xUm: number): number {
    const { axes, sharp_at_um, slope_um_per_mm, depth_of_field_um } = this.#options;
    const sharpAt = sharp_at_um + (slope_um_per_mm * xUm) / 1000;
    const defocus = Math.abs(this.#at(axes.focus) + this.#at(axes.z) - sharpAt);
    return Math.min(mostBlurPx, defocus / depth_of_field_um);
  }

  #at(axis: string): number {
    return trulyAt(this.#context.peer(axis)) ?? 0;
  }
}

export const open = async (options: MicroscopeOptions, context: DriverContext): Promise<OpenDevice> =>
  new SimulatedMicroscopeCamera(options, context);
