// How much each pixel of a photo differs in colour from what lies along the photo's border. Arithmetic only.

/** RGB, three bytes a pixel. */
export interface Pixels {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** One number a pixel; 0 is a shade of the border. */
export function differenceFromBorder(pixels: Pixels): Float32Array {
  const lab = toLab(pixels);
  return differenceFrom(backgroundOf(lab, pixels), lab);
}

/** CIE L*a*b*: distances in it are close to what an eye would call different. */
function toLab({ data, width, height }: Pixels): Float32Array {
  const lab = new Float32Array(width * height * 3);
  const linear = Float32Array.from({ length: 256 }, (_, value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  for (let at = 0; at < lab.length; at += 3) {
    const r = linear[data[at] as number] as number;
    const g = linear[data[at + 1] as number] as number;
    const b = linear[data[at + 2] as number] as number;
    const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
    const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
    const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
    lab[at] = 116 * y - 16;
    lab[at + 1] = 500 * (x - y);
    lab[at + 2] = 200 * (y - z);
  }
  return lab;
}

type Lab = [l: number, a: number, b: number];

/** Shadows, folds and grey mats change the lightness of a background, not its colour. */
const lightnessWeight = 0.2;

function far(lab: Float32Array, at: number, [l, a, b]: Lab): number {
  const dl = ((lab[at] as number) - l) * lightnessWeight;
  return Math.hypot(dl, (lab[at + 1] as number) - a, (lab[at + 2] as number) - b);
}

const shades = 6;
/** A shade on less of the border than this is taken for the object reaching the edge, or for litter. */
const leastShare = 0.12;

/** The few shades that make up the border of the photo: the table, the paper, the wall behind. */
function backgroundOf(lab: Float32Array, { width, height }: Pixels): Lab[] {
  const rim = Math.max(1, Math.round(Math.min(width, height) * 0.03));
  const border: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = x >= rim && x < width - rim && y >= rim && y < height - rim;
      if (!inside) border.push((y * width + x) * 3);
    }
  }
  const centres = cluster(lab, border);
  const frequent = centres.filter(({ share }) => share >= leastShare);
  return (frequent.length > 0 ? frequent : centres).map(({ centre }) => centre);
}

/** k-means, begun with the shades furthest apart: the same photo always gives the same shades. */
function cluster(lab: Float32Array, pixels: readonly number[]): { centre: Lab; share: number }[] {
  const shadeAt = (at: number): Lab => [lab[at] as number, lab[at + 1] as number, lab[at + 2] as number];
  const centres: Lab[] = [shadeAt(pixels[0] as number)];
  while (centres.length < shades) {
    const distances = pixels.map((at) => Math.min(...centres.map((centre) => far(lab, at, centre))));
    const furthest = distances.reduce((best, d, i) => (d > (distances[best] as number) ? i : best), 0);
    if ((distances[furthest] as number) < 12) break;
    centres.push(shadeAt(pixels[furthest] as number));
  }
  let counts: number[] = [];
  for (let round = 0; round < 8; round++) {
    const sums = centres.map(() => [0, 0, 0]);
    counts = centres.map(() => 0);
    for (const at of pixels) {
      const own = nearestOf(lab, at, centres);
      const sum = sums[own] as number[];
      for (let part = 0; part < 3; part++) sum[part] = (sum[part] as number) + (lab[at + part] as number);
      counts[own] = (counts[own] as number) + 1;
    }
    sums.forEach((sum, own) => {
      const count = counts[own] as number;
      if (count > 0) centres[own] = sum.map((part) => part / count) as Lab;
    });
  }
  return centres.map((centre, own) => ({ centre, share: (counts[own] as number) / pixels.length }));
}

function nearestOf(lab: Float32Array, at: number, centres: readonly Lab[]): number {
  let best = 0;
  for (let own = 1; own < centres.length; own++)
    if (far(lab, at, centres[own] as Lab) < far(lab, at, centres[best] as Lab)) best = own;
  return best;
}

function differenceFrom(background: readonly Lab[], lab: Float32Array): Float32Array {
  const difference = new Float32Array(lab.length / 3);
  for (let pixel = 0; pixel < difference.length; pixel++)
    difference[pixel] = Math.min(...background.map((shade) => far(lab, pixel * 3, shade)));
  return difference;
}
