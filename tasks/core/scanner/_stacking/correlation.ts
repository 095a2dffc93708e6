// One step of ECC: how well two planes agree under a similarity, and which one agrees better. Arithmetic only.
import type { Plane } from "./plane.ts";
import { inPixels, type Similarity } from "./similarity.ts";

export interface CorrelationStep {
  /** -1 to 1: the enhanced correlation coefficient, which brightness and contrast do not change. */
  readonly correlation: number;
  /** The similarity after the step, or null where the planes say nothing of where it lies. */
  readonly next: Similarity | null;
}

const unknowns = 4;
/** Of the reference: with less in common there is nothing to be said. */
const leastOverlap = 0.5;

/**
 * Forward additive ECC, one iteration: Evangelidis and Psarakis 2008, "Parametric Image Alignment Using Enhanced
 * Correlation Coefficient Maximization", IEEE PAMI 30(10), equations 10, 22 and 23, for a similarity: its Jacobian has for
 * `grow` (gx x + gy y), for `turn` (gy x - gx y), for `dx` and `dy` the gradient itself. What the paper writes as
 * products of images with zero mean is gathered here as plain sums in one pass.
 */
export function correlationStep(reference: Plane, photo: Plane, at: Similarity): CorrelationStep {
  const sums = gather(reference, photo, at);
  if (sums.n < leastOverlap * reference.data.length) return { correlation: -1, next: null };
  const { n } = sums;
  const means = sums.g.map((sum) => sum / n);
  const hessian = means.map((_, row) =>
    means.map(
      (mean, column) => (sums.gg[row * unknowns + column] as number) - n * mean * (means[row] as number),
    ),
  );
  const [rMean, pMean] = [sums.r / n, sums.p / n];
  const rr = sums.rr - n * rMean * rMean;
  const pp = sums.pp - n * pMean * pMean;
  const rp = sums.rp - n * rMean * pMean;
  if (!(rr > 0) || !(pp > 0)) return { correlation: -1, next: null };
  const correlation = rp / Math.sqrt(rr * pp);
  const gr = means.map((mean, i) => (sums.gr[i] as number) - n * mean * rMean);
  const gp = means.map((mean, i) => (sums.gp[i] as number) - n * mean * pMean);
  const hgp = solve(hessian, gp);
  const hgr = solve(hessian, gr);
  if (!hgp || !hgr) return { correlation, next: null };
  const above = pp - dot(gp, hgp);
  const below = rp - dot(gr, hgp);
  // The paper's second case: only where the photos agree less than their gradients explain.
  if (!(below > 0)) return { correlation, next: null };
  const gain = above / below;
  const [grow, turn, dx, dy] = hgr.map((value, i) => gain * value - (hgp[i] as number)) as [
    number,
    number,
    number,
    number,
  ];
  const next = { grow: at.grow + grow, turn: at.turn + turn, dx: at.dx + dx, dy: at.dy + dy };
  return { correlation, next };
}

interface Sums {
  n: number;
  /** Of the reference, of the photo, of their squares and their product. */
  r: number;
  p: number;
  rr: number;
  pp: number;
  rp: number;
  /** Of the four columns of the Jacobian; with each other, with the reference, with the photo. */
  readonly g: number[];
  readonly gg: Float64Array;
  readonly gr: number[];
  readonly gp: number[];
}

/** The photo is read between its pixels; its gradient is that of the same four pixels. */
function gather(reference: Plane, photo: Plane, at: Similarity): Sums {
  const { width, height, data: r } = reference;
  const { data: p } = photo;
  const { a, b, x0, y0 } = inPixels(at, width, height);
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  let [n, sr, sp, srr, spp, srp] = [0, 0, 0, 0, 0, 0];
  let [g0, g1, g2, g3] = [0, 0, 0, 0];
  let [g00, g01, g02, g03, g11, g12, g13, g22, g23, g33] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  let [r0, r1, r2, r3, p0, p1, p2, p3] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let y = 0; y < height; y++) {
    const v = (y - cy) / width;
    for (let x = 0; x < width; x++) {
      const px = a * x - b * y + x0;
      const py = b * x + a * y + y0;
      const ix = Math.floor(px);
      const iy = Math.floor(py);
      if (ix < 0 || iy < 0 || ix >= width - 1 || iy >= height - 1) continue;
      const fx = px - ix;
      const fy = py - iy;
      const corner = iy * width + ix;
      const p00 = p[corner] as number;
      const p10 = p[corner + 1] as number;
      const p01 = p[corner + width] as number;
      const p11 = p[corner + width + 1] as number;
      const top = p00 + fx * (p10 - p00);
      const pv = top + fy * (p01 + fx * (p11 - p01) - top);
      const rv = r[y * width + x] as number;
      // In shares of the width, as the unknowns are.
      const gx = width * (p10 - p00 + fy * (p11 - p01 - p10 + p00));
      const gy = width * (p01 - p00 + fx * (p11 - p10 - p01 + p00));
      const u = (x - cx) / width;
      const ga = gx * u + gy * v;
      const gb = gy * u - gx * v;
      n++;
      sr += rv;
      sp += pv;
      srr += rv * rv;
      spp += pv * pv;
      srp += rv * pv;
      g0 += ga;
      g1 += gb;
      g2 += gx;
      g3 += gy;
      g00 += ga * ga;
      g01 += ga * gb;
      g02 += ga * gx;
      g03 += ga * gy;
      g11 += gb * gb;
      g12 += gb * gx;
      g13 += gb * gy;
      g22 += gx * gx;
      g23 += gx * gy;
      g33 += gy * gy;
      r0 += ga * rv;
      r1 += gb * rv;
      r2 += gx * rv;
      r3 += gy * rv;
      p0 += ga * pv;
      p1 += gb * pv;
      p2 += gx * pv;
      p3 += gy * pv;
    }
  }
  const gg = Float64Array.of(
    ...[g00, g01, g02, g03],
    ...[g01, g11, g12, g13],
    ...[g02, g12, g22, g23],
    ...[g03, g13, g23, g33],
  );
  const [g, gr, gp] = [
    [g0, g1, g2, g3],
    [r0, r1, r2, r3],
    [p0, p1, p2, p3],
  ] as const;
  return { n, r: sr, p: sp, rr: srr, pp: spp, rp: srp, g: [...g], gg, gr: [...gr], gp: [...gp] };
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

/** Gauss with the largest pivot; null where the matrix is singular, as in a picture without detail. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] | null {
  const rows = matrix.map((row, i) => [...row, right[i] as number]);
  const size = rows.length;
  const tiny = 1e-12 * Math.max(...matrix.flat().map(Math.abs));
  for (let column = 0; column < size; column++) {
    const below = rows.slice(column);
    const pivot = below.reduce((best, row) =>
      Math.abs(row[column] as number) > Math.abs(best[column] as number) ? row : best,
    );
    if (!(Math.abs(pivot[column] as number) > tiny)) return null;
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(column, 0, pivot);
    for (const row of rows) {
      if (row === pivot) continue;
      const factor = (row[column] as number) / (pivot[column] as number);
      for (let i = column; i <= size; i++) row[i] = (row[i] as number) - factor * (pivot[i] as number);
    }
  }
  return rows.map((row, i) => (row[size] as number) / (row[i] as number));
}
