// The object before the simulated camera: a faceted, glazed pot on a turntable, as coloured polygons in millimetres.
// Its pattern never repeats on the way round, so that every angle looks different.

import type { Vector } from "./vector.ts";

export type Colour = readonly [red: number, green: number, blue: number];

export interface Face {
  readonly corners: readonly Vector[];
  readonly colour: Colour;
  /** 0 matt to 1 glazed. */
  readonly gloss: number;
  /** Faces of a lower layer are painted first, whatever their depth: the plate 0, its marks 1, the pot 2. */
  readonly layer: number;
}

const facets = 30;
/** Radius and height of the outer wall, from the foot to the rim. */
const wall: readonly (readonly [radius: number, height: number])[] = [
  [21, 0],
  [24, 3],
  [29, 10],
  [33, 19],
  [36, 29],
  [37, 38],
  [36, 47],
  [33, 55],
  [29, 61],
  [29, 66],
  [33, 71],
  [36, 74],
];
/** The same inside, from the rim to the bottom. */
const inside: readonly (readonly [radius: number, height: number])[] = [
  [36, 74],
  [33, 74.5],
  [30, 71],
  [26, 66],
  [26, 60],
  [30, 50],
  [33, 38],
  [30, 20],
  [20, 6],
];

const clay: Colour = [178, 98, 62];
const cream: Colour = [238, 222, 190];
const glaze: Colour = [38, 92, 128];
const deepGlaze: Colour = [24, 62, 96];
const accents: readonly Colour[] = [
  [214, 158, 46],
  [186, 58, 52],
  [74, 134, 92],
  [232, 214, 176],
  [122, 74, 128],
];

export function pot(): Face[] {
  const foot = disc(21, 0, facets).reverse();
  return [
    ...turntable(),
    ...turn(inside, insideColour),
    ...turn(wall, wallColour),
    { corners: disc(20, 6, facets), ...insideColour(inside.length), layer: 2 },
    { corners: foot, colour: shade(clay, 0.8), gloss: 0, layer: 2 },
  ];
}

/** The faces of a shape turned about the vertical; an outline that runs down looks inwards. */
function turn(
  outline: readonly (readonly [number, number])[],
  paint: (ring: number, facet: number) => Pick<Face, "colour" | "gloss">,
): Face[] {
  const faces: Face[] = [];
  for (let ring = 0; ring + 1 < outline.length; ring++) {
    for (let facet = 0; facet < facets; facet++) {
      const [low, high] = [outline[ring], outline[ring + 1]] as [[number, number], [number, number]];
      const corners = [
        around(low, facet),
        around(low, facet + 1),
        around(high, facet + 1),
        around(high, facet),
      ];
      faces.push({ corners, ...paint(ring, facet), layer: 2 });
    }
  }
  return faces;
}

function around([radius, height]: readonly [number, number], facet: number): Vector {
  const [x, y] = polar(radius, (facet / facets) * 2 * Math.PI);
  return [x, y, height];
}

function wallColour(ring: number, facet: number): Pick<Face, "colour" | "gloss"> {
  if (ring === 0) return { colour: clay, gloss: 0.1 };
  if (ring === 1) return { colour: shade(clay, 1.08), gloss: 0.1 };
  if (ring === 9 || ring === 10) return { colour: cream, gloss: 0.6 };
  if (ring === 8) return { colour: deepGlaze, gloss: 0.8 };
  const painted = pattern(ring, facet);
  return painted ? { colour: painted, gloss: 0.5 } : { colour: ring < 5 ? deepGlaze : glaze, gloss: 0.8 };
}

/** A winding band of lozenges whose colours follow a sequence as long as the way round. */
function pattern(ring: number, facet: number): Colour | null {
  const winding = 4.5 + 1.6 * Math.sin((facet / facets) * 2 * Math.PI * 2);
  const near = Math.abs(ring - winding);
  const accent = accents[((facet * facet * 5 + facet * 3) % 13) % accents.length] as Colour;
  if (near < 0.75) return accent;
  if (near < 1.5) return facet % 2 === 0 ? cream : shade(accent, 0.8);
  return (facet * 7 + ring * 3) % 11 === 0 ? shade(cream, 0.9) : null;
}

const insideColour = (ring: number): Pick<Face, "colour" | "gloss"> =>
  ring < 2 ? { colour: cream, gloss: 0.5 } : { colour: shade(clay, 1 - ring * 0.06), gloss: 0.05 };

const plateRadius = 62;

function turntable(): Face[] {
  const marks = Array.from({ length: 36 }, (_, step): Face => {
    const angle = (step / 36) * 2 * Math.PI;
    const half = step % 9 === 0 ? 0.05 : 0.018;
    const inner = plateRadius - (step % 9 === 0 ? 12 : step % 3 === 0 ? 8 : 5);
    const corners: Vector[] = [
      polar(inner, angle - half),
      polar(plateRadius - 2, angle - half),
      polar(plateRadius - 2, angle + half),
      polar(inner, angle + half),
    ];
    const colour: Colour = step === 0 ? [196, 48, 44] : [52, 54, 58];
    return { corners, colour, gloss: 0, layer: 1 };
  });
  return [
    { corners: disc(plateRadius, -3, 72), colour: [70, 72, 76], gloss: 0, layer: 0 },
    { corners: disc(plateRadius, 0, 72), colour: [206, 206, 202], gloss: 0.1, layer: 0 },
    ...marks,
  ];
}

function disc(radius: number, height: number, steps: number): Vector[] {
  return Array.from({ length: steps }, (_, step) => {
    const [x, y] = polar(radius, (step / steps) * 2 * Math.PI);
    return [x, y, height];
  });
}

const polar = (radius: number, angle: number): Vector => [
  radius * Math.cos(angle),
  radius * Math.sin(angle),
  0.05,
];

function shade([red, green, blue]: Colour, factor: number): Colour {
  return [red * factor, green * factor, blue * factor];
}
