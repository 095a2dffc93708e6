// The picture that grows: each photo is laid over it where it was chosen. Arithmetic only.
import { type Plane, planeOf } from "./plane.ts";
import { inPixels, type Similarity } from "./similarity.ts";

/** RGB, three bytes a pixel. */
export interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Nothing that an eye or a byte would show. */
const leastWeight = 1 / 512;

/** Holds one picture, and how much of each block is painted; each photo may be forgotten once it is laid over. */
export class Blend {
  readonly picture: Picture;
  readonly #painted: Plane;

  /** @param blocks the size of the weights */
  constructor(width: number, height: number, blocks: { width: number; height: number }) {
    this.picture = { data: new Uint8Array(width * height * 3), width, height };
    this.#painted = planeOf(blocks.width, blocks.height);
  }

  /**
   * out = out + (photo - out) w / (w + w of all before), which comes to the weighted mean in whatever order they are laid.
   * The photo is read between its pixels by cubic convolution (Keys 1981, "Cubic Convolution Interpolation for Digital Image
   * Processing", a = -1/2), which blurs less than lines do.
   * @param at how the photo lies over the picture @param weights as of `weightsOf`
   */
  lay(photo: Picture, at: Similarity, weights: Plane): void {
    const painted = this.#painted;
    for (let i = 0; i < painted.data.length; i++)
      painted.data[i] = (painted.data[i] as number) + (weights.data[i] as number);
    const { data: out, width, height } = this.picture;
    const { a, b, x0, y0 } = inPixels(at, width, height);
    const [perX, perY] = [weights.width / width, weights.height / height];
    const lookup = new Float64Array(3);
    for (let y = 0; y < height; y++) {
      const v = within((y + 0.5) * perY - 0.5, weights.height);
      for (let x = 0; x < width; x++) {
        const u = within((x + 0.5) * perX - 0.5, weights.width);
        const weight = between(weights, u, v);
        if (weight < leastWeight) continue;
        const share = Math.min(1, weight / between(painted, u, v));
        readCubic(photo, a * x - b * y + x0, b * x + a * y + y0, lookup);
        const to = (y * width + x) * 3;
        for (let part = 0; part < 3; part++) {
          const before = out[to + part] as number;
          const mixed = before + ((lookup[part] as number) - before) * share + 0.5;
          out[to + part] = mixed < 0 ? 0 : mixed > 255 ? 255 : mixed;
        }
      }
    }
  }
}

const within = (at: number, length: number): number => (at < 0 ? 0 : at > length - 1 ? length - 1 : at);

function between({ data, width, height }: Plane, x: number, y: number): number {
  const ix = x | 0;
  const iy = y | 0;
  const right = ix + 1 < width ? 1 : 0;
  const down = iy + 1 < height ? width : 0;
  const at = iy * width + ix;
  const top = (data[at] as number) + (x - ix) * ((data[at + right] as number) - (data[at] as number));
  const bottom =
    (data[at + down] as number) +
    (x - ix) * ((data[at + down + right] as number) - (data[at + down] as number));
  return top + (y - iy) * (bottom - top);
}

/** Beyond the edge the photo goes on as it ends there. @param into red, green and blue, which may overshoot 0 to 255 */
function readCubic({ data, width, height }: Picture, x: number, y: number, into: Float64Array): void {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  const fx = x - ix;
  const w0 = cubic(1 + fx);
  const w1 = cubic(fx);
  const w2 = cubic(1 - fx);
  const w3 = cubic(2 - fx);
  const c0 = 3 * inside(ix - 1, width);
  const c1 = 3 * inside(ix, width);
  const c2 = 3 * inside(ix + 1, width);
  const c3 = 3 * inside(ix + 2, width);
  let [red, green, blue] = [0, 0, 0];
  for (let down = -1; down <= 2; down++) {
    const row = 3 * width * inside(iy + down, height);
    const weight = cubic(Math.abs(iy + down - y));
    const v0 = weight * w0;
    const v1 = weight * w1;
    const v2 = weight * w2;
    const v3 = weight * w3;
    const p0 = row + c0;
    const p1 = row + c1;
    const p2 = row + c2;
    const p3 = row + c3;
    red +=
      v0 * (data[p0] as number) +
      v1 * (data[p1] as number) +
      v2 * (data[p2] as number) +
      v3 * (data[p3] as number);
    green +=
      v0 * (data[p0 + 1] as number) +
      v1 * (data[p1 + 1] as number) +
      v2 * (data[p2 + 1] as number) +
      v3 * (data[p3 + 1] as number);
    blue +=
      v0 * (data[p0 + 2] as number) +
      v1 * (data[p1 + 2] as number) +
      v2 * (data[p2 + 2] as number) +
      v3 * (data[p3 + 2] as number);
  }
  into[0] = red;
  into[1] = green;
  into[2] = blue;
}

const inside = (at: number, length: number): number => (at < 0 ? 0 : at >= length ? length - 1 : at);

/** @param t 0 to 2, in pixels */
function cubic(t: number): number {
  if (t <= 1) return (1.5 * t - 2.5) * t * t + 1;
  return ((-0.5 * t + 2.5) * t - 4) * t + 2;
}
