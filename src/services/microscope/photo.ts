// What is to be known of a photo, and a smaller one of it. Decoding happens off the event loop.
import { RuntimeError } from "../../errors/runtime-error.ts";
import { varianceOfLaplacian } from "./sharpness.ts";

/** The finest detail that counts; photos that are wider are made so wide. */
export const fullWidth = 1280;

async function loadSharp() {
  try {
    return (await import("sharp")).default;
  } catch (cause) {
    const problem = (cause as Error).message;
    throw new RuntimeError("OPTIONAL_PACKAGE_MISSING", { name: "sharp", problem }, { cause });
  }
}

/** @param width the photo is made so wide first: coarse detail shows further away from the focus */
export async function sharpnessOf(bytes: Uint8Array, width = fullWidth): Promise<number> {
  const sharp = await loadSharp();
  const { data, info } = await sharp(bytes)
    .resize({ width, withoutEnlargement: true })
    .greyscale()
    .toColourspace("b-w")
    .raw()
    .toBuffer({ resolveWithObject: true });
  return varianceOfLaplacian(data, info.width, info.height);
}

const qualities = [85, 70, 55, 40] as const;
/** Of a preview: a larger one has never few bytes. */
const mostWidth = 2048;
const leastWidth = 16;

export async function previewOf(bytes: Uint8Array, mostBytes: number): Promise<Uint8Array> {
  const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8;
  if (isJpeg && bytes.byteLength <= mostBytes) return bytes;
  const sharp = await loadSharp();
  // Turned as its EXIF says: the preview has none.
  const { data, info } = await sharp(bytes)
    .rotate()
    .resize({ width: mostWidth, withoutEnlargement: true })
    .flatten()
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  for (let { width } = info; ; width = Math.round(width * 0.75))
    for (const quality of qualities) {
      const small = await sharp(data, { raw }).resize({ width }).jpeg({ quality }).toBuffer();
      if (small.byteLength <= mostBytes || width < leastWidth) return small;
    }
}
