// 36 real photos of one turn of a flowerpot, which lie beside the repository. Where they do not, tests say so.
import { existsSync } from "node:fs";
import path from "node:path";
import { test } from "vitest";
import type { Box } from "../../tasks/core/scanner/_object-box.ts";

const place = "../shared/data/turntable/flowerpot";
export const flowerpot = path.resolve(import.meta.dirname, "../..", place);

export function testWithFlowerpot(title: string, run: () => Promise<void>): void {
  if (existsSync(flowerpot)) test(title, run);
  else test.skip(`${title} (skipped: there are no photos in ${place})`, run);
}

type Edges = readonly [left: number, top: number, right: number, bottom: number];

/** @param inner left, top, right, bottom */
export const holds = (outer: Box, [left, top, right, bottom]: Edges): boolean =>
  outer.left <= left &&
  outer.top <= top &&
  outer.left + outer.width >= right &&
  outer.top + outer.height >= bottom;

/** Drawn by hand on the photos: the pot's box in every third photo, in their own pixels (758 by 1024), within some 8 pixels. */
const pots: Record<number, Edges> = {
  0: [88, 22, 688, 558],
  3: [89, 46, 657, 558],
  6: [96, 0, 624, 495],
  9: [112, 14, 608, 480],
  12: [137, 0, 625, 465],
  15: [138, 28, 632, 502],
  18: [178, 55, 611, 477],
  21: [143, 55, 592, 492],
  24: [167, 71, 625, 498],
  27: [143, 105, 574, 511],
  30: [168, 126, 598, 535],
  33: [165, 163, 585, 560],
  35: [207, 152, 606, 552],
};

type Sides = [[number, number], [number, number], [number, number], [number, number]];

/** Between two that were measured the pot lies between them, and is shrunk a little: the camera moved on by hand. */
export function potIn(index: number): Edges {
  const measured = Object.keys(pots).map(Number);
  const before = pots[measured.findLast((at) => at <= index) as number] as readonly number[];
  const after = pots[measured.find((at) => at >= index) as number] as readonly number[];
  const [left, top, right, bottom] = [0, 1, 2, 3].map(
    (side) => [before[side], after[side]] as [number, number],
  ) as Sides;
  if (before === after) return [left[0] + 8, top[0], right[0] - 8, bottom[0] - 8];
  return [Math.max(...left) + 20, Math.max(...top) + 20, Math.min(...right) - 20, Math.min(...bottom) - 20];
}

/** A box around the whole table holds the pot, too, and helps nobody. */
export const isTooWide = ({ width, height }: Box): boolean => width * height >= 0.65 * 758 * 1024;
