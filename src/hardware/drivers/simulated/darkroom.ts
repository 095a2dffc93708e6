// What turns a drawing into a photo: a JPEG with EXIF and the noise of a sensor, made off the event loop.
import { createRequire } from "node:module";
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { Band } from "./depth.ts";
import type { Exposure } from "./shutter.ts";

type Sharp = typeof import("sharp")["default"];

/** The smallest photo that a simulated camera takes. */
export const smallest = 128;

export interface Shot {
  readonly svg: string;
  /** Out of focus: the radius of the blur in pixels (1 sigma). */
  readonly blurPx?: number;
  /** In place of that: how much, by depth. */
  readonly throughLens?: ThroughLens;
  readonly exposure: Exposure;
  readonly takenAt: string;
  readonly model: string;
}

export interface ThroughLens {
  /** The depth map. */
  readonly svg: string;
  /** From the farthest to the nearest. */
  readonly bands: readonly Band[];
  readonly focusDioptres: number;
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

  async develop({ svg, blurPx = 0, throughLens, exposure, takenAt, model }: Shot): Promise<Uint8Array> {
    // Heavy, so made for the first photo, not at the start.
    this.#equipment ??= equip();
    const { sharp, grain } = await this.#equipment;
    const drawn = sharp(Buffer.from(svg)).flatten();
    const seen = throughLens
      ? await blurredByDepth(sharp, drawn, throughLens)
      : isBlur(blurPx)
        ? sharp(await drawn.blur(blurPx).png({ compressionLevel: 0 }).toBuffer())
        : drawn;
    return seen
      .composite([{ input: grainAt(exposure.gain, grain), raw: grainFormat, tile: true }])
      .flatten()
      .withExif(exifOf(exposure, takenAt, model, throughLens?.focusDioptres))
      .jpeg({ quality: 90 })
      .toBuffer();
  }
}

/** Less than this is none at all to sharp. */
const isBlur = (px: number): boolean => px >= 0.3;

/** From the back to the front, each band over what lies behind it. */
async function blurredByDepth(sharp: Sharp, drawn: import("sharp").Sharp, lens: ThroughLens) {
  const [all, depths] = await Promise.all([
    drawn.raw().toBuffer({ resolveWithObject: true }),
    sharp(Buffer.from(lens.svg)).flatten().toColourspace("b-w").raw().toBuffer(),
  ]);
  const { width, height, channels } = all.info;
  const raw = { width, height, channels };
  const blurred = (px: number) => {
    const image = sharp(all.data, { raw });
    return isBlur(px) ? image.blur(px) : image;
  };
  const [farthest, ...bands] = lens.bands;
  const layers = bands.map(async ({ grey, blurPx }) => {
    const mask = await sharp(depths, { raw: { width, height, channels: 1 } })
      .threshold(grey)
      .toColourspace("b-w")
      .raw()
      .toBuffer();
    const input = await blurred(blurPx)
      .joinChannel(mask, { raw: { width, height, channels: 1 } })
      .raw()
      .toBuffer();
    return { input, raw: { width, height, channels: 4 as const } };
  });
  const photo = await blurred(farthest?.blurPx ?? 0)
    .composite(await Promise.all(layers))
    .removeAlpha()
    .raw()
    .toBuffer();
  return sharp(photo, { raw });
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

function exifOf(
  { exposureMs, gain }: Exposure,
  takenAt: string,
  model: string,
  dioptres?: number,
): import("sharp").Exif {
  const date = takenAt.slice(0, 19).replaceAll("-", ":").replace("T", " ");
  return {
    IFD0: { Make: "Armature", Model: model, Orientation: "1", DateTime: date },
    IFD2: {
      ExposureTime: `${Math.max(1, Math.round(exposureMs * 1000))}/1000000`,
      ISOSpeedRatings: String(Math.max(1, Math.round(100 * gain))),
      DateTimeOriginal: date,
      OffsetTimeOriginal: "+00:00",
      // In metres; 0 dioptres is what EXIF calls infinity.
      ...(dioptres !== undefined && {
        SubjectDistance: dioptres === 0 ? "4294967295/1" : `${Math.round(1e6 / dioptres)}/1000000`,
      }),
    },
  };
}
