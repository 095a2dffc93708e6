// What turns a drawing into a photo: a JPEG with EXIF and the noise of a sensor, made off the event loop.
import { createRequire } from "node:module";
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { Exposure } from "./shutter.ts";

type Sharp = typeof import("sharp")["default"];

/** The smallest photo that a simulated camera takes. */
export const smallest = 128;

export interface Shot {
  readonly svg: string;
  /** Out of focus: the radius of the blur in pixels (1 sigma). */
  readonly blurPx?: number;
  readonly exposure: Exposure;
  readonly takenAt: string;
  readonly model: string;
}

export class Darkroom {
  #equipment: Promise<Equipment> | null = null;

  /** @throws OPTIONAL_PACKAGE_MISSING where there is no sharp, before anybody waits for a photo */
  constructor() {
    try {
      createRequire(import.meta.url).resolve("sharp");
    } catch (error) {
      missing(error as Error);
    }
  }

  async develop({ svg, blurPx = 0, exposure, takenAt, model }: Shot): Promise<Uint8Array> {
    // Heavy, so made for the first photo, not at the start.
    this.#equipment ??= equip();
    const { sharp, grain } = await this.#equipment;
    const drawn = sharp(Buffer.from(svg)).flatten();
    // Less than this is no blur at all to sharp.
    const seen =
      blurPx < 0.3 ? drawn : sharp(await drawn.blur(blurPx).png({ compressionLevel: 0 }).toBuffer());
    return seen
      .composite([{ input: grainAt(exposure.gain, grain), raw: grainFormat, tile: true }])
      .flatten()
      .withExif(exifOf(exposure, takenAt, model))
      .jpeg({ quality: 90 })
      .toBuffer();
  }
}

interface Equipment {
  readonly sharp: Sharp;
  readonly grain: Buffer;
}

async function equip(): Promise<Equipment> {
  const { default: sharp } = await import("sharp").catch(missing);
  return { sharp, grain: await makeGrain(sharp) };
}

function missing(error: Error): never {
  const details = { name: "sharp", problem: error.message };
  throw new RuntimeError("OPTIONAL_PACKAGE_MISSING", details, { cause: error });
}

const grainFormat = { width: smallest, height: smallest, channels: 4 } as const;

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

function exifOf({ exposureMs, gain }: Exposure, takenAt: string, model: string): import("sharp").Exif {
  const date = takenAt.slice(0, 19).replaceAll("-", ":").replace("T", " ");
  return {
    IFD0: { Make: "Armature", Model: model, Orientation: "1", DateTime: date },
    IFD2: {
      ExposureTime: `${Math.max(1, Math.round(exposureMs * 1000))}/1000000`,
      ISOSpeedRatings: String(Math.max(1, Math.round(100 * gain))),
      DateTimeOriginal: date,
      OffsetTimeOriginal: "+00:00",
    },
  };
}
