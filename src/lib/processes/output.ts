// What a child writes to its standard output, as lines: of bounded length, and no more than somebody could read.
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { Pace } from "./pace.ts";

/** Characters; what is longer is cut. */
const longestLine = 4096;
/** So many are told at once, and then so many a second. */
const burst = 500;
const perSecond = 100;
/** What is read of a second: whoever writes more waits. */
const bytesPerSecond = 8_000_000;

/**
 * Reads to the end, however much of it is told.
 * @param onLine told each line without its end, and how many were left out, once some were
 */
export function readLines(stream: Readable, onLine: (line: string) => void): Pace {
  const pace = new Pace(stream, bytesPerSecond, bytesPerSecond);
  const decoder = new StringDecoder("utf8");
  let begun = "";
  let allowance = burst;
  let countedAt = performance.now();
  let leftOut = 0;

  const tell = (line: string): void => {
    const now = performance.now();
    allowance = Math.min(burst, allowance + ((now - countedAt) * perSecond) / 1000);
    countedAt = now;
    if (allowance < 1) {
      leftOut++;
      return;
    }
    allowance--;
    tellLeftOut();
    onLine(line);
  };
  const tellLeftOut = (): void => {
    if (leftOut > 0) onLine(`(${leftOut} lines were left out)`);
    leftOut = 0;
  };

  stream.on("data", (chunk: Buffer) => {
    pace.took(chunk.length);
    const [first = "", ...others] = decoder.write(chunk).split("\n");
    begun = cut(begun + first);
    for (const next of others) {
      tell(begun.replace(/\r$/, ""));
      begun = cut(next);
    }
  });
  stream.on("end", () => {
    if (begun !== "") tell(begun);
    tellLeftOut();
  });
  stream.on("error", () => tellLeftOut());
  return pace;
}

const cut = (line: string): string => (line.length > longestLine ? line.slice(0, longestLine) : line);
