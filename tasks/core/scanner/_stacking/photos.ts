// Reads and writes the photos of a stack. Nothing is kept: one photo at a time is held at full size.
import { GiveUp } from "armature/task";
import { loadSharp, type Sharp } from "../_sharp.ts";
import type { Picture } from "./blend.ts";
import { withExif } from "./exif.ts";
import type { Plane } from "./plane.ts";
import { blocksOf, sharpnessMap } from "./sharpness.ts";

/** The long side of a photo when it is aligned, in pixels; alignment is ten times finer than a pixel. */
const alignedAt = 1024;
const quality = 90;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Photos lie as the sensor saw them, whatever their EXIF says of up and down; the picture keeps that EXIF. */
export class Photos {
  readonly #sharp: Sharp;

  private constructor(sharp: Sharp) {
    this.#sharp = sharp;
  }

  static async open(): Promise<Photos> {
    return new Photos(await loadSharp());
  }

  /** Of all of them, which must be of one size. */
  async sizeOf(files: readonly PhotoFile[]): Promise<Size> {
    const [first, ...others] = files as [PhotoFile, ...PhotoFile[]];
    const size = await this.#size(first);
    for (const other of others) {
      const { width, height } = await this.#size(other);
      if (width === size.width && height === size.height) continue;
      throw new GiveUp(
        `The photos of a stack must be of one size: ${first.name} has ${size.width} x ${size.height} pixels, ` +
          `${other.name} has ${width} x ${height}. Leave out the one that is not of this stack.`,
      );
    }
    return size;
  }

  /** Small and grey, to be aligned. */
  async small(file: PhotoFile): Promise<Plane> {
    const { data, info } = await reading(file, () =>
      this.#grey(file)
        .resize(alignedAt, alignedAt, { fit: "inside", withoutEnlargement: true })
        .raw()
        .toBuffer({ resolveWithObject: true }),
    );
    return { data: Float32Array.from(data), width: info.width, height: info.height };
  }

  /** Where it is sharp. */
  async sharpness(file: PhotoFile, size: Size): Promise<Plane> {
    const blocks = blocksOf(size);
    const [width, height] = [2 * blocks.width, 2 * blocks.height];
    const grey = await reading(file, () =>
      this.#grey(file).resize(width, height, { fit: "fill" }).raw().toBuffer(),
    );
    return sharpnessMap(grey, width, height);
  }

  /** All of it. */
  async full(file: PhotoFile): Promise<Picture> {
    const { data, info } = await reading(file, () =>
      this.#sharp(file.path)
        .removeAlpha()
        .toColourspace("srgb")
        .raw({ depth: "uchar" })
        .toBuffer({ resolveWithObject: true }),
    );
    return { data, width: info.width, height: info.height };
  }

  /** @param like whose EXIF it keeps, where there is some @returns a JPEG */
  async encode({ data, width, height }: Picture, like: PhotoFile): Promise<Uint8Array> {
    const jpeg = await this.#sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality })
      .toBuffer();
    const { exif } = await reading(like, () => this.#sharp(like.path).metadata());
    return exif ? withExif(jpeg, exif) : jpeg;
  }

  async #size(file: PhotoFile): Promise<Size> {
    return reading(file, () => this.#sharp(file.path).metadata());
  }

  #grey(file: PhotoFile) {
    return this.#sharp(file.path).removeAlpha().greyscale().toColourspace("b-w");
  }
}

export interface PhotoFile {
  /** As the owner knows it. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

async function reading<Result>({ name }: PhotoFile, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    const problem = (cause as Error).message.split("\n")[0];
    throw new GiveUp(
      `${name} cannot be read as a photo: ${problem}. Take it again, or leave its stack out.`,
      {
        cause,
      },
    );
  }
}
