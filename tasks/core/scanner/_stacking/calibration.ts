// How the photos of every stack of a scan lie over the middle one: found from some stacks, kept beside the pictures.
import { readFile } from "node:fs/promises";
import { type TaskLog, writeDurably, z } from "armature/task";
import { Chain, pyramidOf } from "./alignment.ts";
import { middleOf } from "./merge.ts";
import type { PhotoFile, Photos } from "./photos.ts";
import { identity, medianOf, type Similarity } from "./similarity.ts";

/** More stacks say the same again: the lens does the same in each. */
const mostStacks = 3;

const calibration = z.object({
  /** One for each photo of a stack, in the order of their focus. */
  photos: z.array(
    z.object({
      grow: z.number(),
      turn: z.number(),
      dx: z.number(),
      dy: z.number(),
      /** In how many of the stacks it was found; 0 leaves the photo as it is. */
      found_in_stacks: z.int(),
    }),
  ),
});
export type Calibration = z.output<typeof calibration>;

/** The first, the last, and one in the middle. */
export function samplesOf<Item>(items: readonly Item[]): Item[] {
  if (items.length <= mostStacks) return [...items];
  return Array.from({ length: mostStacks }, (_, sample) => {
    return items[Math.round((sample * (items.length - 1)) / (mostStacks - 1))] as Item;
  });
}

/** Yields after each photo. @param stacks of as many photos each, in the order of their focus */
export async function* calibrate(
  stacks: readonly { readonly photos: readonly PhotoFile[] }[],
  photos: Photos,
): AsyncGenerator<string, Calibration, void> {
  const found: Similarity[][] = stacks[0]?.photos.map(() => []) ?? [];
  for (const { photos: files } of stacks) {
    await photos.sizeOf(files);
    const middle = middleOf(files.length);
    const pyramid = pyramidOf(await photos.small(files[middle] as PhotoFile));
    found[middle]?.push(identity);
    yield told(files[middle] as PhotoFile);
    for (const step of [1, -1]) {
      const chain = new Chain(pyramid);
      for (let index = middle + step; index >= 0 && index < files.length; index += step) {
        const file = files[index] as PhotoFile;
        const alignment = chain.next(pyramidOf(await photos.small(file)));
        if (alignment) found[index]?.push(alignment.similarity);
        yield told(file);
      }
    }
  }
  return {
    photos: found.map((each) => ({
      ...(each.length > 0 ? medianOf(each) : identity),
      found_in_stacks: each.length,
    })),
  };
}

const told = ({ name }: PhotoFile): string => `Aligning ${name}`;

export const writeCalibration = (file: string, found: Calibration): Promise<void> =>
  writeDurably(file, `${JSON.stringify(found, null, 2)}\n`);

/** @returns null where there is none for stacks of `length` photos, or it is damaged, which the log is told */
export async function readCalibration(
  file: string,
  length: number,
  log: TaskLog,
): Promise<Calibration | null> {
  try {
    const read = calibration.parse(JSON.parse(await readFile(file, "utf8")));
    return read.photos.length === length ? read : null;
  } catch (error) {
    log.warn("The calibration cannot be read, so it is made again", { file, problem: String(error) });
    return null;
  }
}
