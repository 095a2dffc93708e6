// Alignment against truth: photos whose similarity is known exactly. The seed is printed; keep a failing one.
import { expect, test } from "vitest";
import { align, Chain, pyramidOf } from "../../../tasks/core/scanner/_stacking/alignment.ts";
import type { Picture } from "../../../tasks/core/scanner/_stacking/blend.ts";
import { type Plane, planeOf } from "../../../tasks/core/scanner/_stacking/plane.ts";
import {
  apart,
  compose,
  identity,
  medianOf,
  type Similarity,
} from "../../../tasks/core/scanner/_stacking/similarity.ts";
import { breathing, photograph, random, sceneOf, seed, stackOf } from "./scene.ts";

console.log(`alignment: seed ${seed}`);
const [width, height] = [360, 240];
const scene = sceneOf(random);

function grey({ data, width, height }: Picture): Plane {
  const plane = planeOf(width, height);
  for (let at = 0; at < plane.data.length; at++) plane.data[at] = data[3 * at + 1] as number;
  return plane;
}
const pyramid = (picture: Picture) => pyramidOf(grey(picture));
const between = (least: number, most: number): number => least + (most - least) * random();
const off = (found: Similarity | undefined, truth: Similarity): number =>
  found ? apart(found, truth, width, height) : Number.POSITIVE_INFINITY;

test("growth to 5 %, a turn to 1° and shifts of 11 pixels each way are found within 0.1 pixels at the corners", () => {
  const reference = pyramid(photograph(scene, { width, height }));
  for (let round = 0; round < 8; round++) {
    const truth = {
      grow: between(-0.05, 0.05),
      turn: between(-0.017, 0.017),
      dx: between(-0.03, 0.03),
      dy: between(-0.03, 0.03),
    };
    const photo = pyramid(photograph(scene, { width, height, at: truth }));
    expect(off(align(reference, photo)?.similarity, truth), JSON.stringify(truth)).toBeLessThan(0.1);
  }
});

test("with noise, less light and more contrast they are found within 0.15 pixels", () => {
  const reference = pyramid(photograph(scene, { width, height, noise: 6 }));
  const truth = { grow: 0.02, turn: -0.004, dx: 0.012, dy: -0.02 };
  const bright = photograph(scene, { width, height, at: truth, noise: 6 });
  const dark = { ...bright, data: bright.data.map((value) => 20 + 0.6 * value) };
  expect(off(align(reference, pyramid(dark))?.similarity, truth)).toBeLessThan(0.15);
});

test("along a stack whose ends share nothing sharp, each photo is found within 0.8 pixels of where it lies at the corners", () => {
  const photos = stackOf(scene, 9, { width, height, noise: 2 }).map(pyramid);
  for (const step of [1, -1]) {
    const chain = new Chain(photos[4] as (typeof photos)[0]);
    for (let index = 4 + step; index >= 0 && index < 9; index += step) {
      const found = chain.next(photos[index] as (typeof photos)[0]);
      expect(off(found?.similarity, breathing(index / 8, 9)), `photo ${index}`).toBeLessThan(0.8);
    }
  }
});

test("a photo of something else, of nothing, or of noise lies nowhere", () => {
  const reference = pyramid(photograph(scene, { width, height }));
  const other = pyramid(photograph(sceneOf(random), { width, height }));
  const nothing = pyramid(photograph([], { width, height }));
  const noise = pyramid(photograph([], { width, height, noise: 20 }));
  expect([other, nothing, noise].map((photo) => align(reference, photo))).toEqual([null, null, null]);
  expect(align(nothing, nothing)).toBeNull();
});

test("one photo that lies nowhere does not lose those behind it", () => {
  const photos = stackOf(scene, 5, { width, height }).map(pyramid);
  const chain = new Chain(photos[2] as (typeof photos)[0]);
  expect(chain.next(pyramid(photograph([], { width, height })))).toBeNull();
  expect(off(chain.next(photos[4] as (typeof photos)[0])?.similarity, breathing(1))).toBeLessThan(0.8);
});

test("one similarity after another is the same as both at once", () => {
  const [one, other] = [
    { grow: 0.03, turn: 0.01, dx: 0.02, dy: -0.01 },
    { grow: -0.02, turn: 0.02, dx: 0.01, dy: 0.03 },
  ];
  const move = ({ grow, turn, dx, dy }: Similarity, [x, y]: readonly [number, number]) =>
    [(1 + grow) * x - turn * y + dx, turn * x + (1 + grow) * y + dy] as const;
  const [x, y] = move(compose(one, other), [0.3, -0.2]);
  const [inTurnX, inTurnY] = move(one, move(other, [0.3, -0.2]));
  expect([x, y]).toEqual([expect.closeTo(inTurnX, 12), expect.closeTo(inTurnY, 12)]);
  expect(compose(identity, one)).toEqual({ ...one, grow: expect.closeTo(0.03, 12) });
});

test("of three stacks one that went wrong does no harm", () => {
  const right = { grow: 0.01, turn: 0, dx: 0.001, dy: 0.002 };
  const near = { ...right, dx: 0.0012 };
  const wrong = { grow: 0.2, turn: 0.05, dx: 0.1, dy: -0.1 };
  expect(medianOf([near, wrong, right])).toEqual(near);
  expect(medianOf([right, near]).dx).toBeCloseTo(0.0011, 12);
});
