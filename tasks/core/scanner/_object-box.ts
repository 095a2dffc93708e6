// Finds the object in a photo: the patch that differs most from the photo's border. Arithmetic over pixels, no files.
import { differenceFromBorder, type Pixels } from "./_difference.ts";

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** @param threshold how different from the background counts as object, or undefined to find it from the photo */
export function findObject(pixels: Pixels, threshold?: number): Box | null {
  const difference = differenceFromBorder(pixels);
  return together(patches(difference, threshold ?? otsu(difference), pixels), pixels);
}

/** The value that parts two heaps best (Otsu 1979). */
function otsu(values: Float32Array): number {
  const bins = 256;
  const top = values.reduce((most, value) => Math.max(most, value), 1e-6);
  const histogram = new Float64Array(bins);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.floor((value / top) * bins));
    histogram[bin] = (histogram[bin] as number) + 1;
  }
  const sum = histogram.reduce((total, count, bin) => total + count * bin, 0);
  let [below, sumBelow, best, bestSpread] = [0, 0, 0, -1];
  for (let bin = 0; bin < bins - 1; bin++) {
    below += histogram[bin] as number;
    sumBelow += (histogram[bin] as number) * bin;
    const above = values.length - below;
    if (below === 0 || above === 0) continue;
    const spread = below * above * (sumBelow / below - (sum - sumBelow) / above) ** 2;
    if (spread > bestSpread) [best, bestSpread] = [bin, spread];
  }
  return ((best + 1) / bins) * top;
}

/** Shrinks and grows the mask by two pixels: threads that tie the object to its surroundings tear. */
function open(mask: ArrayLike<number>, pixels: Pixels): Uint8Array {
  const shrink = (m: ArrayLike<number>) => spread(m, pixels, (around) => around === 9);
  const grow = (m: ArrayLike<number>) => spread(m, pixels, (around) => around > 0);
  return grow(grow(shrink(shrink(mask))));
}

function spread(
  mask: ArrayLike<number>,
  { width, height }: Pixels,
  keep: (set: number) => boolean,
): Uint8Array {
  const result = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let set = 0;
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          // Beyond the edge the photo goes on as it ends there.
          const nx = Math.min(width - 1, Math.max(0, x + dx));
          const ny = Math.min(height - 1, Math.max(0, y + dy));
          set += mask[ny * width + nx] as number;
        }
      }
      result[y * width + x] = keep(set) ? 1 : 0;
    }
  }
  return result;
}

interface Patch {
  readonly box: Box;
  /** Large, different, and near the middle. */
  readonly weight: number;
}

/** The connected patches of pixels that differ by more than `least`, the one that weighs most first. */
function patches(difference: Float32Array, least: number, pixels: Pixels): Patch[] {
  const mask = open(
    difference.map((value) => (value > least ? 1 : 0)),
    pixels,
  );
  const found: Patch[] = [];
  for (let start = 0; start < mask.length; start++)
    if (mask[start] === 1) found.push(takePatch(mask, start, difference, pixels));
  return found.sort((a, b) => b.weight - a.weight);
}

/** A rim in the colour of the table parts the inside of a pot from its belly: what is close and heavy belongs to it. */
const closeBy = 0.04;
const heavy = 0.15;

/** The box of the heaviest patch and of those that belong to it. */
function together([heaviest, ...others]: readonly Patch[], { width, height }: Pixels): Box | null {
  if (!heaviest) return null;
  const gap = Math.max(width, height) * closeBy;
  return others
    .filter(({ weight }) => weight >= heaviest.weight * heavy)
    .reduce((box, patch) => (areWithin(gap, box, patch.box) ? around(box, patch.box) : box), heaviest.box);
}

const areWithin = (gap: number, a: Box, b: Box): boolean =>
  Math.max(a.left - (b.left + b.width), b.left - (a.left + a.width)) <= gap &&
  Math.max(a.top - (b.top + b.height), b.top - (a.top + a.height)) <= gap;

function around(a: Box, b: Box): Box {
  const left = Math.min(a.left, b.left);
  const top = Math.min(a.top, b.top);
  const width = Math.max(a.left + a.width, b.left + b.width) - left;
  return { left, top, width, height: Math.max(a.top + a.height, b.top + b.height) - top };
}

/** The patch around `start`, taken out of the mask. */
function takePatch(
  mask: Uint8Array,
  start: number,
  difference: Float32Array,
  { width, height }: Pixels,
): Patch {
  const queue = [start];
  mask[start] = 0;
  let [left, top, right, bottom, weight] = [width, height, 0, 0, 0];
  for (let next = 0; next < queue.length; next++) {
    const pixel = queue[next] as number;
    const x = pixel % width;
    const y = Math.floor(pixel / width);
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
    const offCentre = Math.hypot(x / width - 0.5, y / height - 0.5);
    weight += (difference[pixel] as number) * Math.max(0.05, 1 - 1.6 * offCentre);
    for (const to of [
      x > 0 && pixel - 1,
      x + 1 < width && pixel + 1,
      y > 0 && pixel - width,
      pixel + width,
    ]) {
      if (to === false || mask[to] !== 1) continue;
      mask[to] = 0;
      queue.push(to);
    }
  }
  return { box: { left, top, width: right - left + 1, height: bottom - top + 1 }, weight };
}
