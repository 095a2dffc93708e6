// A grey picture as numbers, and the small ones made of it. Arithmetic only.

/** Row by row, one number a pixel. */
export interface Plane {
  readonly data: Float32Array;
  readonly width: number;
  readonly height: number;
}

export const planeOf = (width: number, height: number): Plane => ({
  data: new Float32Array(width * height),
  width,
  height,
});

/**
 * Smooths as a Gaussian of sqrt(radius (radius + 1)) pixels (1 sigma) does: three boxes, one after the other, come as close
 * as an eye can tell (Wells 1986, "Efficient Synthesis of Gaussian Filters by Cascaded Uniform Filters", IEEE PAMI 8(2)).
 * Beyond the edge the picture goes on as it ends there.
 * @param radius of the boxes; whole, 0 leaves the plane as it is
 */
export function smooth(plane: Plane, radius: number): Plane {
  if (radius === 0) return plane;
  const { width, height } = plane;
  const result = { ...plane, data: plane.data.slice() };
  const line = new Float64Array(Math.max(width, height));
  for (let round = 0; round < 3; round++) {
    for (let y = 0; y < height; y++) boxAlong(result.data, y * width, 1, width, radius, line);
    for (let x = 0; x < width; x++) boxAlong(result.data, x, width, height, radius, line);
  }
  return result;
}

/** The mean over `radius` to either side, along one row or column, in place. @param line as long as it, for a copy */
function boxAlong(
  data: Float32Array,
  start: number,
  stride: number,
  length: number,
  radius: number,
  line: Float64Array,
): void {
  for (let at = 0; at < length; at++) line[at] = data[start + at * stride] as number;
  const last = length - 1;
  let sum = 0;
  for (let at = -radius; at <= radius; at++) sum += line[at < 0 ? 0 : at > last ? last : at] as number;
  const share = 1 / (2 * radius + 1);
  for (let at = 0; at < length; at++) {
    data[start + at * stride] = sum * share;
    const enters = at + radius + 1;
    const leaves = at - radius;
    sum += (line[enters > last ? last : enters] as number) - (line[leaves < 0 ? 0 : leaves] as number);
  }
}

/** Half as wide and high: each pixel is the mean of four. An odd last row or column is left out. */
export function halve(plane: Plane): Plane {
  const half = planeOf(plane.width >> 1, plane.height >> 1);
  const { data, width } = plane;
  for (let y = 0; y < half.height; y++) {
    for (let x = 0; x < half.width; x++) {
      const at = 2 * y * width + 2 * x;
      half.data[y * half.width + x] =
        ((data[at] as number) +
          (data[at + 1] as number) +
          (data[at + width] as number) +
          (data[at + width + 1] as number)) /
        4;
    }
  }
  return half;
}
