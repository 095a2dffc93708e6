// Which photo of a stack is shown where: the sharpest, without specks, and with soft edges. Arithmetic only.
import { type Plane, planeOf, smooth } from "./plane.ts";
import { inPixels, type Similarity } from "./similarity.ts";

/** In blocks: a speck of a photo that is narrower than about this loses to what is around it. */
const speck = 3;
/** In blocks, as `smooth` takes it: over so much one photo fades into the next. */
const fade = 1;
/** In blocks: so close to its own edge a photo is not chosen, as its share fades out beyond. */
const margin = 2 * fade;

/** Told of one photo after the other; keeps the sharpest of each block only. */
export class Choice {
  readonly width: number;
  readonly height: number;
  readonly #photo: Uint8Array;
  readonly #best: Float32Array;

  /** In blocks. */
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.#photo = new Uint8Array(width * height);
    this.#best = new Float32Array(width * height).fill(-1);
  }

  /** @param index of the photo, below 256 @param sharpness of it as it was taken @param at how it lies over the middle one */
  offer(index: number, sharpness: Plane, at: Similarity): void {
    const { width, height } = this;
    const { data } = sharpness;
    const { a, b, x0, y0 } = inPixels(at, width, height);
    // The photo in the middle reaches everywhere.
    const edge = isIdentity(at) ? 0 : margin;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const px = a * x - b * y + x0;
        const py = b * x + a * y + y0;
        if (px < edge || py < edge || px > width - 1 - edge || py > height - 1 - edge) continue;
        // The map is smooth: the nearest block will do.
        const value = data[Math.round(py) * width + Math.round(px)] as number;
        const to = y * width + x;
        if (value <= (this.#best[to] as number)) continue;
        this.#best[to] = value;
        this.#photo[to] = index;
      }
    }
  }

  /** The index of the photo for each block. Photos are in the order of their focus, so between two lies the median. */
  settled(): Uint8Array {
    return median(this.#photo, this.width, this.height, speck);
  }
}

const isIdentity = ({ grow, turn, dx, dy }: Similarity): boolean =>
  grow === 0 && turn === 0 && dx === 0 && dy === 0;

/** How much of each block is to come from this photo, 0 to 1; those of all photos add up to 1. */
export function weightsOf(index: number, settled: Uint8Array, width: number, height: number): Plane {
  const own = planeOf(width, height);
  for (let at = 0; at < settled.length; at++) own.data[at] = settled[at] === index ? 1 : 0;
  return smooth(own, fade);
}

/**
 * Of the square of `radius` to each side, within the picture; by a histogram that slides along the row (Huang, Yang and Tang
 * 1979, "A Fast Two-Dimensional Median Filtering Algorithm").
 */
export function median(values: Uint8Array, width: number, height: number, radius: number): Uint8Array {
  const result = new Uint8Array(values.length);
  const counts = new Uint32Array(256);
  for (let y = 0; y < height; y++) {
    const top = Math.max(0, y - radius);
    const bottom = Math.min(height - 1, y + radius);
    counts.fill(0);
    let size = 0;
    const column = (x: number, change: 1 | -1): void => {
      if (x < 0 || x >= width) return;
      for (let row = top; row <= bottom; row++) {
        const value = values[row * width + x] as number;
        counts[value] = (counts[value] as number) + change;
      }
      size += change * (bottom - top + 1);
    };
    for (let x = 0; x < radius; x++) column(x, 1);
    for (let x = 0; x < width; x++) {
      column(x + radius, 1);
      column(x - radius - 1, -1);
      let value = 0;
      for (let seen = counts[0] as number; 2 * seen <= size; value++) seen += counts[value + 1] as number;
      result[y * width + x] = value;
    }
  }
  return result;
}
