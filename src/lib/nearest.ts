// "Did you mean …?": the known words closest to an unknown one.
import { distance } from "fastest-levenshtein";

/** At most `most` of `known`, nearest first, none further than a quarter of its own length. */
export function nearest(word: string, known: Iterable<string>, most = 3): string[] {
  return [...known]
    .map((name) => ({ name, far: distance(word, name) }))
    .filter(({ name, far }) => far <= Math.max(2, name.length / 4))
    .sort((a, b) => a.far - b.far || a.name.localeCompare(b.name))
    .slice(0, most)
    .map(({ name }) => name);
}
