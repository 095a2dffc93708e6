// A camera that renders the pot as it stands right now: a real JPEG with EXIF, made off the event loop.
import { createRequire } from "node:module";
import { RuntimeError } from "../../../errors/runtime-error.ts";
import { isoTime } from "../../../lib/clock.ts";
import type { CaptureOptions, Capturing, Photo } from "../../../task/devices.ts";
import { isRotary, isSwitchable } from "../../capabilities.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import type { Faultable, Faults } from "./faults.ts";
import type { CameraOptions } from "./options.ts";
import { type Pose, sceneAsSvg } from "./scene.ts";
import { type Exposure, Shutter } from "./shutter.ts";

type Sharp = typeof import("sharp")["default"];

/** What is left of the light when the lamp is off. */
const roomLight = 0.07;
/** The exposure at gain 1 that a lit scene needs. */
const goodExposureMs = 50;

export class SimulatedCamera implements OpenDevice, Capturing, Faultable {
  readonly name: string;
  readonly driver: string;
  readonly capabilities = ["capturing"] as const;
  readonly isStopped = false;
  readonly #options: CameraOptions;
  readonly #context: DriverContext;
  readonly #shutter: Shutter;
  #darkroom: Promise<Darkroom> | null = null;

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
    // Heavy, so made for the first photo, not at the start.
    this.#darkroom ??= openDarkroom();
    const { sharp, grain } = await this.#darkroom;
    const { width, height } = this.#options;
    const light = this.#isLit() ? 1 : roomLight;
    const brightness = (light * exposure.exposureMs * exposure.gain) / goodExposureMs;
    const svg = sceneAsSvg({ ...this.#pose(), width, height, brightness });
    return sharp(Buffer.from(svg))
      .composite([{ input: grainAt(exposure.gain, grain), raw: grainFormat, tile: true }])
      .flatten()
      .withExif(exifOf(exposure, takenAt))
      .jpeg({ quality: 90 })
      .toBuffer();
  }

  #pose(): Pose {
    return {
      rotorDegrees: this.#angleOf(this.#options.rotor) ?? 60,
      turntableDegrees: this.#angleOf(this.#options.turntable) ?? 0,
    };
  }

  #angleOf(name: string): number | undefined {
    const axis = this.#context.peer(name);
    return axis && isRotary(axis) ? axis.angleDegrees : undefined;
  }

  #isLit(): boolean {
    const light = this.#context.peer(this.#options.light);
    return light === undefined || (isSwitchable(light) && light.isOn);
  }
}

/** No larger than the smallest photo. */
const grainFormat = { width: 128, height: 128, channels: 4 } as const;

/** A tile of sensor noise, made once: mixing it in costs 10 ms a photo, making it anew 150. */
function makeGrain(sharp: Sharp): Promise<Buffer> {
  const noise = { type: "gaussian", mean: 128, sigma: 50 } as const;
  return sharp({ create: { ...grainFormat, channels: 3, background: "#808080", noise } })
    .ensureAlpha()
    .raw()
    .toBuffer();
}

/** The more gain, the more of the noise shows. */
function grainAt(gain: number, grain: Buffer): Buffer {
  const tile = Buffer.from(grain);
  const opacity = Math.round(255 * Math.min(0.6, 0.03 * gain));
  for (let alpha = 3; alpha < tile.length; alpha += 4) tile[alpha] = opacity;
  return tile;
}

function exifOf({ exposureMs, gain }: Exposure, takenAt: string): import("sharp").Exif {
  const date = takenAt.slice(0, 19).replaceAll("-", ":").replace("T", " ");
  return {
    IFD0: { Make: "Armature", Model: "Simulated camera", Orientation: "1", DateTime: date },
    IFD2: {
      ExposureTime: `${Math.max(1, Math.round(exposureMs * 1000))}/1000000`,
      ISOSpeedRatings: String(Math.max(1, Math.round(100 * gain))),
      DateTimeOriginal: date,
      OffsetTimeOriginal: "+00:00",
    },
  };
}

interface Darkroom {
  readonly sharp: Sharp;
  readonly grain: Buffer;
}

async function openDarkroom(): Promise<Darkroom> {
  const { default: sharp } = await import("sharp").catch(missing);
  return { sharp, grain: await makeGrain(sharp) };
}

function missing(error: Error): never {
  const details = { name: "sharp", problem: error.message };
  throw new RuntimeError("OPTIONAL_PACKAGE_MISSING", details, { cause: error });
}

/** Where the package is not installed the camera is listed as failed, before anybody waits for a photo. */
export async function open(options: CameraOptions, context: DriverContext): Promise<OpenDevice> {
  try {
    createRequire(import.meta.url).resolve("sharp");
  } catch (error) {
    missing(error as Error);
  }
  return new SimulatedCamera(options, context);
}
