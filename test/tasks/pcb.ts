// A real focus stack: 7 photos of a circuit board, which lie beside the repository. Where they do not, tests say so.
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";

const place = "../shared/data/focus-stack/pcb";
export const pcb = path.resolve(import.meta.dirname, "../..", place);
export const hasPcb = existsSync(pcb);
if (!hasPcb) console.log(`tests with a real focus stack are skipped: there are no photos in ${place}`);

export const pcbPhotos: readonly string[] = hasPcb
  ? readdirSync(pcb)
      .filter((name) => name.endsWith(".jpg"))
      .sort()
  : [];

/**
 * The mean square of the Laplacian in each tile of a grid, row by row, of the photo made `width` pixels wide: at half of
 * what it was and less, most of the noise is gone, and what is left is detail.
 */
export async function sharpnessOfTiles(
  photo: string | Uint8Array,
  { width, columns, rows }: { width: number; columns: number; rows: number },
): Promise<number[]> {
  const { data, info } = await sharp(photo)
    .greyscale()
    .toColourspace("b-w")
    .resize({ width })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const sums = new Array<number>(columns * rows).fill(0);
  const counts = new Array<number>(columns * rows).fill(0);
  for (let y = 1; y < info.height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const around =
        (data[at - 1] as number) +
        (data[at + 1] as number) +
        (data[at - width] as number) +
        (data[at + width] as number);
      const tile = Math.floor((y * rows) / info.height) * columns + Math.floor((x * columns) / width);
      sums[tile] = (sums[tile] as number) + (4 * (data[at] as number) - around) ** 2;
      counts[tile] = (counts[tile] as number) + 1;
    }
  return sums.map((sum, tile) => sum / (counts[tile] as number));
}
