// What lies under the simulated microscope: a stained smear of cells without end, drawn where the stage has taken it.
// The same place always looks the same.
import { type Chance, chance } from "./chance.ts";

export interface ViewOptions {
  /** The middle of the picture, in micrometres on the specimen. */
  readonly xUm: number;
  readonly yUm: number;
  readonly umPerPx: number;
  readonly width: number;
  readonly height: number;
  /** 1 is a well exposed photo. */
  readonly brightness: number;
}

/** One cell lies in each square of this size, more or less in its middle. */
const pitchUm = 34;
const back = [236, 228, 232] as const;

export function specimenAsSvg(view: ViewOptions): string {
  const { xUm, yUm, umPerPx, width, height } = view;
  const left = xUm - (width * umPerPx) / 2;
  const top = yUm - (height * umPerPx) / 2;
  const seen = { columns: squares(left, width * umPerPx), rows: squares(top, height * umPerPx) };
  const cells = seen.rows.flatMap((row) =>
    seen.columns.map((column) => cellAt(column, row, view.brightness)),
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="${left} ${top} ${width * umPerPx} ${height * umPerPx}" preserveAspectRatio="none">` +
    `<rect x="${left}" y="${top}" width="100%" height="100%" fill="${css(back, view.brightness)}"/>` +
    `${cells.join("")}</svg>`
  );
}

/** The numbers of the squares that reach into a stretch; a cell may stick out of its own by one. */
function squares(from: number, length: number): number[] {
  const first = Math.floor(from / pitchUm) - 1;
  const last = Math.floor((from + length) / pitchUm) + 1;
  return Array.from({ length: last - first + 1 }, (_, step) => first + step);
}

function cellAt(column: number, row: number, brightness: number): string {
  const dice = chance(Math.imul(column, 0x1f1f1f1f) ^ Math.imul(row, 0x5bd1e995));
  const x = (column + 0.5 + 0.45 * (dice.even() - 0.5)) * pitchUm;
  const y = (row + 0.5 + 0.45 * (dice.even() - 0.5)) * pitchUm;
  const size = 11 + 5 * dice.even();
  const stain = dice.even();
  const body = [226 - 40 * stain, 150 - 30 * stain, 190 - 20 * stain] as const;
  const core = [96 - 30 * stain, 52, 132 - 20 * stain] as const;
  const [nx, ny] = [x + 0.3 * size * (dice.even() - 0.5), y + 0.3 * size * (dice.even() - 0.5)];
  return (
    blob(dice, x, y, size, css(body, brightness), css(shade(body, 0.72), brightness)) +
    blob(dice, nx, ny, size * 0.42, css(core, brightness), css(shade(core, 0.7), brightness)) +
    granules(dice, x, y, size, css(core, brightness)) +
    debris(dice, column, row, css(shade(body, 0.6), brightness))
  );
}

/** A closed outline that is nearly round. */
function blob(dice: Chance, x: number, y: number, radius: number, fill: string, stroke: string): string {
  const corners = Array.from({ length: 12 }, (_, step) => {
    const angle = (step / 12) * 2 * Math.PI;
    const out = radius * (0.86 + 0.28 * dice.even());
    return `${(x + out * Math.cos(angle)).toFixed(2)},${(y + out * Math.sin(angle)).toFixed(2)}`;
  });
  return `<polygon points="${corners.join(" ")}" fill="${fill}" stroke="${stroke}" stroke-width="0.8"/>`;
}

/** The fine detail that tells a sharp picture from a blurred one. */
function granules(dice: Chance, x: number, y: number, size: number, fill: string): string {
  return Array.from({ length: 26 }, () => {
    const [angle, out] = [dice.even() * 2 * Math.PI, size * 0.85 * Math.sqrt(dice.even())];
    return dot(x + out * Math.cos(angle), y + out * Math.sin(angle), 0.35 + 0.45 * dice.even(), fill);
  }).join("");
}

function debris(dice: Chance, column: number, row: number, fill: string): string {
  return Array.from({ length: 8 }, () =>
    dot((column + dice.even()) * pitchUm, (row + dice.even()) * pitchUm, 0.3 + 0.5 * dice.even(), fill),
  ).join("");
}

const dot = (x: number, y: number, radius: number, fill: string): string =>
  `<circle cx="${x.toFixed(2)}" cy="${y.toFixed(2)}" r="${radius.toFixed(2)}" fill="${fill}"/>`;

type Colour = readonly [red: number, green: number, blue: number];

const shade = ([red, green, blue]: Colour, factor: number): Colour => [
  red * factor,
  green * factor,
  blue * factor,
];

const css = (colour: Colour, brightness: number): string =>
  `rgb(${colour.map((part) => Math.round(Math.min(255, part * brightness))).join()})`;
