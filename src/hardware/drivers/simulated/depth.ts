// How sharp a lens shows what stands at different distances. Arithmetic only: distances in, blurs out.

export interface Lens {
  /** Where it is focused: 1 / metres. */
  readonly focusDioptres: number;
  readonly apertureMm: number;
  /** The focal length as a number of pixels. */
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
 * makes of a point a disc of the diameter aperture × focal length × |difference in dioptres|; one sigma of a disc is a
 * quarter of its diameter.
 */
export const blurPx = ({ focusDioptres, apertureMm, focalPx }: Lens, dioptres: number): number =>
  ((apertureMm / 1000) * focalPx * Math.abs(focusDioptres - dioptres)) / 4;

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
