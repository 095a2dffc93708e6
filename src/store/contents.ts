// The lines of one stored file: those that are whole, those that are damaged, and where it is torn. Pure.
import { type Line, readLine, rescue } from "./journal-line.ts";
import { lineOpening } from "./line-buffer.ts";

export interface Contents {
  readonly lines: Line[];
  readonly damaged: { line: number; bytes: Uint8Array; reason: string }[];
  /** The end of the last line, where something without a line break follows. */
  readonly tornAt: number | null;
}

export const newline = "\n".charCodeAt(0);

export function contentsOf(bytes: Buffer): Contents {
  const lines: Line[] = [];
  const damaged: Contents["damaged"] = [];
  let start = 0;
  for (let number = 1; start < bytes.length; number++) {
    const found = bytes.indexOf(newline, start);
    const end = found === -1 ? bytes.length : found;
    const line = readLine(bytes, start, end);
    if (line) lines.push(line);
    else if (!isBracket(bytes, start, end)) {
      const rescued = rescue(bytes, start, end);
      lines.push(...rescued.lines);
      if (found === -1 && rescued.lost && looksTorn(bytes, start)) return { lines, damaged, tornAt: start };
      if (rescued.lost)
        damaged.push({
          line: number,
          bytes: bytes.subarray(start, end),
          reason: "its checksum does not fit",
        });
    }
    start = end + 1;
  }
  return { lines, damaged, tornAt: null };
}

/** What a power cut leaves of the last line: its beginning, or the zeros of a block that was never written. */
function looksTorn(bytes: Buffer, start: number): boolean {
  const rest = bytes.subarray(start);
  const beginning = rest.subarray(0, lineOpening.length);
  const isBeginning = beginning.equals(lineOpening.subarray(0, beginning.length));
  return (isBeginning && rest.indexOf(lineOpening, 1) === -1) || rest.every((byte) => byte === 0);
}

/** The first and last line of a snapshot make it one JSON array. */
const isBracket = (bytes: Buffer, start: number, end: number): boolean =>
  end - start === 1 && (bytes[start] === 0x5b || bytes[start] === 0x5d);
