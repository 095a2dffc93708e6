// A camera that renders the pot as it stands right now: a real JPEG with EXIF, made off the event loop.
import { isoTime } from "../../../lib/clock.ts";
import { isSwitchable } from "../../../task/capabilities.ts";
import type { CaptureOptions, Capturing, Focusable, Photo, WaitOptions } from "../../../task/devices.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { refuseFocusOutside } from "../../lens.ts";
import { Darkroom, type ThroughLens } from "./darkroom.ts";
import { bandsOf, growth } from "./depth.ts";
import type { Faultable, Faults } from "./faults.ts";
import { trulyAt } from "./motor.ts";
import type { CameraOptions } from "./options.ts";
import type { Frame, Pose } from "./scene.ts";
import { type Exposure, Shutter } from "./shutter.ts";

/** What is left of the light when the lamp is off. */
const roomLight = 0.07;
/** The exposure at gain 1 that a lit scene needs. */
const goodExposureMs = 50;

export class SimulatedCamera implements OpenDevice, Capturing, Focusable, Faultable {
  readonly name: string;
  readonly driver: string;
  readonly capabilities = ["capturing", "focusable"] as const;
  readonly isStopped = false;
  readonly #options: CameraOptions;
  readonly #context: DriverContext;
  readonly #shutter: Shutter;
  readonly #darkroom = new Darkroom();
  #focusDioptres: number | null = null;

  constructor(options: CameraOptions, context: DriverContext) {
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

  get focusDioptres(): number | null {
    return this.#focusDioptres;
  }

  get focusLimits() {
    const { min_dioptres: minDioptres, max_dioptres: maxDioptres } = this.#options.focus;
    return { minDioptres, maxDioptres };
  }

  async focusAt(dioptres: number, { signal }: WaitOptions = {}): Promise<void> {
    refuseFocusOutside(this, dioptres);
    await this.#focus(dioptres, signal);
  }

  /** From then on everything is sharp, as through a small opening. */
  autofocus({ signal }: WaitOptions = {}): Promise<void> {
    return this.#focus(null, signal);
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
    const { width, height } = this.#options;
    const light = this.#isLit() ? 1 : roomLight;
    const brightness = (light * exposure.exposureMs * exposure.gain) / goodExposureMs;
    const { sceneAsSvg } = await import("./scene.ts");
    const seen = { ...this.#pose(), width, height, growth: this.#growth() };
    const svg = sceneAsSvg({ ...seen, brightness });
    const throughLens = await this.#throughLens(seen);
    const shot = { svg, exposure, takenAt, model: "Simulated camera" };
    return this.#darkroom.develop(throughLens ? { ...shot, throughLens } : shot);
  }

  async #throughLens(seen: Frame): Promise<ThroughLens | null> {
    const focusDioptres = this.#focusDioptres;
    if (focusDioptres === null) return null;
    const { object_distance_mm, aperture_mm: apertureMm } = this.#options;
    const { depthsAsSvg, focalPx } = await import("./scene.ts");
    const { svg, scale } = depthsAsSvg(seen, object_distance_mm);
    const bands = bandsOf({ focusDioptres, apertureMm, focalPx: focalPx(seen) }, scale);
    return { svg, bands, focusDioptres };
  }

  /** The frame is that of the focus by itself where the focus is on the middle of the pot. */
  #growth(): number {
    const { object_distance_mm, focal_length_mm } = this.#options;
    const middle = 1000 / object_distance_mm;
    return growth(this.#focusDioptres ?? middle, focal_length_mm, middle);
  }

  #focus(dioptres: number | null, signal: AbortSignal | undefined): Promise<void> {
    return this.#shutter.alone("focusing", this.#options.focus.move_ms, signal, () => {
      this.#focusDioptres = dioptres;
    });
  }

  #pose(): Pose {
    return {
      rotorDegrees: trulyAt(this.#context.peer(this.#options.rotor)) ?? 60,
      turntableDegrees: trulyAt(this.#context.peer(this.#options.turntable)) ?? 0,
    };
  }

  #isLit(): boolean {
    const light = this.#context.peer(this.#options.light);
    return light === undefined || (isSwitchable(light) && light.isOn);
  }
}

export const open = async (options: CameraOptions, context: DriverContext): Promise<OpenDevice> =>
  new SimulatedCamera(options, context);
