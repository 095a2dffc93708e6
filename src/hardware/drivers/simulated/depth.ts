// How sharp and how large a lens shows what stands at different distances. Arithmetic only: distances in, blurs out.

export interface Lens {
  /** Where it is focused: 1 / metres. */
  readonly focusDioptres: number;
  readonly apertureMm: number;
  /** From the lens to the sensor, as a number of pixels. */
  readonly focalPx: number;
}

/** A part of what is seen, with one blur: the depth map is at least `grey` there. */
export interface Band {
  /** 0 to 255. */
  readonly grey: number;
  readonly blurPx: number;
}

/** What 0 and 255 of a depth map stand for, in dioptres. */
export interface DepthScale {
  readonly farthest: number;
  readonly nearest: number;
}

/**
 * The radius of the blur in pixels (1 sigma) of a point at this distance. A thin lens focused far beyond its focal length
 * makes of a point a disc of the diameter aperture × distance of the sensor × |difference in dioptres|; one sigma of a disc is a
 * quarter of its diameter.
 */
export const blurPx = ({ focusDioptres, apertureMm, focalPx }: Lens, dioptres: number): number =>
  ((apertureMm / 1000) * focalPx * Math.abs(focusDioptres - dioptres)) / 4;

/**
 * How much larger the picture is than with the focus at `atDioptres`: a lens that is focused nearer stands farther from
 * the sensor, at focal length / (1 − focal length × dioptres) by the thin lens.
 */
export const growth = (focusDioptres: number, focalLengthMm: number, atDioptres: number) =>
  (1 - (focalLengthMm / 1000) * atDioptres) / (1 - (focalLengthMm / 1000) * focusDioptres);

export const greyOf = (dioptres: number, { farthest, nearest }: DepthScale): number =>
  nearest === farthest ? 255 : Math.round(1 + (254 * (dioptres - farthest)) / (nearest - farthest));

/** So fine that the steps between neighbours are not seen. */
const stepPx = 0.6;
const mostBands = 8;

/** From the farthest, which the background without any detail is counted to, to the nearest. */
export function bandsOf(lens: Lens, scale: DepthScale): Band[] {
  const reach = blurPx({ ...lens, focusDioptres: scale.farthest }, scale.nearest);
  const count = Math.max(1, Math.min(mostBands, Math.ceil(reach / stepPx)));
  const width = (scale.nearest - scale.farthest) / count;
  return Array.from({ length: count }, (_, index): Band => {
    const from = scale.farthest + index * width;
    return { grey: index === 0 ? 0 : greyOf(from, scale), blurPx: blurPx(lens, from + width / 2) };
  });
}
