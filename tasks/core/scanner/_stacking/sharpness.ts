// Where a photo is sharp: one number for each block of its pixels. Arithmetic only.
import { type Plane, planeOf, smooth } from "./plane.ts";

/** A block is as wide and high as this many pixels of the photo; choices are made block by block. */
export const block = 4;

/** In blocks, as `smooth` takes it: over so much of its surroundings a detail speaks for its photo. */
const near = 2;
/** Where nothing is near, what lies within this decides, rather than noise. */
const far = 12;
const farShare = 0.05;

/** The size of the map for a photo. */
export const blocksOf = (photo: { width: number; height: number }) => ({
  width: Math.ceil(photo.width / block),
  height: Math.ceil(photo.height / block),
});

/**
 * The energy of the Laplacian (Subbarao, Choi and Nikzad 1993, "Focusing Techniques", Optical Engineering 32(11)), gathered
 * with a Gaussian window, as the sum-modified Laplacian of Nayar and Nakagawa 1994 is gathered with a square one.
 * @param grey the photo at two pixels a block, one byte each
 */
export function sharpnessMap(grey: Uint8Array, width: number, height: number): Plane {
  const energy = planeOf(width >> 1, height >> 1);
  for (let y = 1; y < height - 1; y++) {
    const row = (y >> 1) * energy.width;
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const laplacian =
        4 * (grey[at] as number) -
        (grey[at - 1] as number) -
        (grey[at + 1] as number) -
        (grey[at - width] as number) -
        (grey[at + width] as number);
      const to = row + (x >> 1);
      energy.data[to] = (energy.data[to] as number) + laplacian * laplacian;
    }
  }
  const close = smooth(energy, near);
  const wide = smooth(energy, far);
  for (let at = 0; at < close.data.length; at++)
    close.data[at] = (close.data[at] as number) + farShare * (wide.data[at] as number);
  return close;
}
