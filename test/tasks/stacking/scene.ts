// A scene of soft spots at different depths, drawn as a lens would show it. Gaussians stay Gaussians when they are blurred,
// grown, turned and shifted, so every photo of it is exact, and so is the one in which all of it is sharp.
import { writeFile } from "node:fs/promises";
import sharp from "sharp";
import type { Picture } from "../../../tasks/core/scanner/_stacking/blend.ts";
import { identity, type Similarity } from "../../../tasks/core/scanner/_stacking/similarity.ts";
import { type Random, randomOf } from "../../random.ts";

export const seed = Number(process.env.ARMATURE_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
export const random = randomOf(seed);

interface Spot {
  /** From the centre, in shares of the width. */
  readonly x: number;
  readonly y: number;
  /** 1 sigma, in shares of the width. */
  readonly size: number;
  /** What it adds in its middle to red, green and blue, 0 to 255. */
  readonly colour: readonly [number, number, number];
  /** 0 is nearest, 1 furthest; it grows from the left to the right. */
  readonly depth: number;
}
export type Scene = readonly Spot[];

export const sceneOf = (chance: Random, spots = 500): Scene =>
  Array.from({ length: spots }, () => {
    const x = 1.2 * (chance() - 0.5);
    const bright = 130 * (chance() - 0.5);
    const tint = () => bright + 30 * (chance() - 0.5);
    return {
      x,
      y: chance() - 0.5,
      size: 0.003 + 0.03 * chance() ** 3,
      colour: [tint(), tint(), tint()] as const,
      depth: Math.min(1, Math.max(0, x + 0.5)),
    };
  });

export interface Shot {
  readonly width: number;
  readonly height: number;
  /** The depth that is sharp; all of it without. */
  readonly focus?: number;
  /** How the photo lies over the scene. */
  readonly at?: Similarity;
  /** Of each byte, 1 sigma. */
  readonly noise?: number;
}

/** 1 sigma in shares of the width, for a spot one depth away from the focus. */
const blurPerDepth = 0.03;

export function photograph(scene: Scene, shot: Shot): Picture {
  const { width, height, focus, at = identity, noise = 0 } = shot;
  const light = new Float64Array(width * height * 3).fill(120);
  for (const spot of scene) {
    const blur = focus === undefined ? 0 : blurPerDepth * Math.abs(spot.depth - focus);
    const scale = Math.hypot(1 + at.grow, at.turn);
    // No lens and no pixel is sharper than this.
    const [own, seen] = [Math.hypot(spot.size, 0.6 / width), Math.hypot(spot.size, blur, 0.6 / width)];
    const sigma = seen * scale * width;
    const dim = (own / seen) ** 2;
    const x = ((1 + at.grow) * spot.x - at.turn * spot.y + at.dx) * width + (width - 1) / 2;
    const y = (at.turn * spot.x + (1 + at.grow) * spot.y + at.dy) * width + (height - 1) / 2;
    const [left, right] = [Math.max(0, Math.ceil(x - 4 * sigma)), Math.min(width - 1, x + 4 * sigma)];
    const [top, bottom] = [Math.max(0, Math.ceil(y - 4 * sigma)), Math.min(height - 1, y + 4 * sigma)];
    for (let py = top; py <= bottom; py++)
      for (let px = left; px <= right; px++) {
        const value = dim * Math.exp(-((px - x) ** 2 + (py - y) ** 2) / (2 * sigma * sigma));
        const to = (py * width + px) * 3;
        for (let part = 0; part < 3; part++)
          light[to + part] = (light[to + part] as number) + value * (spot.colour[part] as number);
      }
  }
  const data = new Uint8Array(light.length);
  for (let i = 0; i < data.length; i++) {
    const value = (light[i] as number) + (noise > 0 ? noise * gaussian() : 0);
    data[i] = Math.max(0, Math.min(255, Math.round(value)));
  }
  return { data, width, height };
}

/** Box and Muller 1958. */
const gaussian = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** A lens that shows more the further it looks, and a stage that is not quite straight; the third of five is the middle. */
export const breathing = (focus: number, photos = 5): Similarity => {
  const away = focus - Math.floor(photos / 2) / (photos - 1);
  return { grow: -0.04 * away, turn: 0.002 * away, dx: 0.006 * away, dy: -0.004 * away };
};

/** One stack: photos of the scene with their focus from near to far. */
export const stackOf = (scene: Scene, photos: number, shot: Omit<Shot, "focus" | "at">): Picture[] =>
  Array.from({ length: photos }, (_, index) => {
    const focus = index / (photos - 1);
    return photograph(scene, { ...shot, focus, at: breathing(focus, photos) });
  });

export async function save(file: string, { data, width, height }: Picture, exif?: object): Promise<void> {
  const jpeg = sharp(data, { raw: { width, height, channels: 3 } }).jpeg({ quality: 95 });
  await writeFile(file, await (exif ? jpeg.withExif(exif) : jpeg).toBuffer());
}

/** The square root of the mean square of what they differ by, without `rim` pixels at each side. */
export function difference(one: Picture, other: Picture, rim: number): number {
  const { width, height } = one;
  let [sum, count] = [0, 0];
  for (let y = rim; y < height - rim; y++)
    for (let at = (y * width + rim) * 3; at < (y * width + width - rim) * 3; at++) {
      sum += ((one.data[at] as number) - (other.data[at] as number)) ** 2;
      count++;
    }
  return Math.sqrt(sum / count);
}
