// What a stack trace of the joined program says of its sources, for the log. The maps are read when there is an error.
import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import path from "node:path";
import { place } from "./joined.mjs";

const joinedPlace = new RegExp(
  `(?:file://)?(${place.replaceAll(/[^\w/]/g, "\\$&")}/[^:)\\s]+):(\\d+):(\\d+)`,
  "g",
);

/** The same stack with the places in the sources. What has no map, or none any more, stays as it is. */
export function inSources(stack: string): string {
  const maps = new Map<string, SourceMap | null>();
  return stack.replaceAll(joinedPlace, (found, file: string, line: string, column: string) => {
    if (!maps.has(file)) maps.set(file, mapOf(file));
    const entry = maps.get(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!entry || !("originalSource" in entry)) return found;
    const source = path.resolve(path.dirname(file), entry.originalSource);
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

function mapOf(file: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, "utf8")) as SourceMapPayload);
  } catch {
    return null; // the folder is gone, or the program was killed while it was written
  }
}
