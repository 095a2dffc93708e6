// One stack becomes one picture: first what is sharp where, then one photo after the other laid over where it was chosen.
import { Blend } from "./blend.ts";
import { Choice, weightsOf } from "./choice.ts";
import type { PhotoFile, Photos } from "./photos.ts";
import { blocksOf } from "./sharpness.ts";
import type { Similarity } from "./similarity.ts";

/**
 * Yields after each photo, so that the task can stop there. Each photo is read twice, small and then at full size.
 * @param at how each photo lies over the one in the middle
 * @returns a JPEG
 */
export async function* merge(
  files: readonly PhotoFile[],
  at: readonly Similarity[],
  photos: Photos,
): AsyncGenerator<string, Uint8Array, void> {
  const size = await photos.sizeOf(files);
  const blocks = blocksOf(size);
  const choice = new Choice(blocks.width, blocks.height);
  for (const [index, file] of files.entries()) {
    choice.offer(index, await photos.sharpness(file, size), at[index] as Similarity);
    yield `Looking where ${file.name} is sharp`;
  }
  const settled = choice.settled();
  const blend = new Blend(size.width, size.height, blocks);
  for (const [index, file] of files.entries()) {
    if (settled.includes(index)) {
      const weights = weightsOf(index, settled, blocks.width, blocks.height);
      blend.lay(await photos.full(file), at[index] as Similarity, weights);
    }
    yield `Taking over what is sharp in ${file.name}`;
  }
  return photos.encode(blend.picture, files[middleOf(files.length)] as PhotoFile);
}

/** The photo the others are laid over; of an even number the later of the two. */
export const middleOf = (length: number): number => length >> 1;
