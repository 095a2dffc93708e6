import { expect, test } from "vitest";
import { Field, type FieldAxis } from "../../../src/services/alignment/field.ts";

const axis = (name: string, start: number, min: number, max: number) => ({
  name,
  start,
  range: { min, max },
});
const placesOf = (axes: readonly FieldAxis[], pitch: number) =>
  Array.from(new Field(axes, pitch).places(), ({ place }) => place);
const wide = [axis("x", 5, -25, 35), axis("y", 0, -30, 30)] as const;

test("a field of two axes is a spiral: every place of the grid once, each a pitch from the one before", () => {
  const places = placesOf(wide, 10) as { x: number; y: number }[];
  expect(places[0]).toEqual({ x: 5, y: 0 });
  expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBe(49);
  expect(places).toHaveLength(49);
  for (const [index, place] of places.entries()) {
    const before = places[index - 1] ?? place;
    if (index > 0) expect(Math.hypot(place.x - before.x, place.y - before.y)).toBeCloseTo(10, 9);
    expect(Math.max(Math.abs(place.x - 5), Math.abs(place.y))).toBeLessThanOrEqual(30);
  }
});

test("what is near comes first", () => {
  const rings = (placesOf(wide, 10) as { x: number; y: number }[]).map(({ x, y }) =>
    Math.max(Math.abs(x - 5), Math.abs(y)),
  );
  expect(rings).toEqual(rings.toSorted((a, b) => a - b));
});

test("a field of one axis goes to and fro", () => {
  expect(placesOf([axis("z", 0, -25, 25)], 10)).toEqual([
    { z: 0 },
    { z: 10 },
    { z: -10 },
    { z: 20 },
    { z: -20 },
  ]);
});

test("places beyond the limits are left out", () => {
  const places = placesOf([axis("x", 0, -5, 30), axis("y", 0, -30, 30)], 10) as { x: number }[];
  expect(places).toHaveLength(28);
  expect(Math.min(...places.map(({ x }) => x))).toBe(0);
});

test("how much of it lies behind grows from nothing towards all", () => {
  const shares = Array.from(new Field(wide, 10).places(), ({ share }) => share);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect([shares[0], shares.at(-1)]).toEqual([0, 48 / 49]);
});
