// One line of the journal or the snapshot: JSON with a checksum in front of what it covers. Knows no files.
import { crc32 } from "node:zlib";
import type { QueuePause } from "../engine/ports.ts";
import type { StoredTask } from "../task/record.ts";
import { memoText, recordText } from "../task/record-text.ts";
import { LineBuffer, lineOpening, noSum } from "./line-buffer.ts";

/** What a line can change. Tasks are whole records, so that replaying a line twice does no harm. */
export interface Change {
  readonly tasks?: readonly StoredTask[];
  readonly removed?: readonly string[];
  /** Older versions wrote true for a pause. */
  readonly queue_paused?: QueuePause | boolean;
}

/** A line as it is read back: a change, or the head of a file. */
export interface Line extends Change {
  readonly seq: number;
  readonly schema_version?: number;
  /** In a journal's head: how many bytes of earlier journals count; what lies behind was torn or refused. */
  readonly ends?: Readonly<Record<string, number>>;
  /** In a snapshot's head and foot: how many tasks it holds. */
  readonly count?: number;
}

const comma = ",".charCodeAt(0);

/** The fields of a line behind its number, and `}`. */
export const restOf = (fields: object): string => JSON.stringify(fields).slice(1);

/** The same of a change. */
export function restOfChange(change: Change): string {
  const { tasks } = change;
  if (!tasks) return restOf(change);
  const [only] = tasks;
  // Most changes are of one task; join would copy its text.
  return `"tasks":[${tasks.length === 1 && only ? taskText(only) : tasks.map(taskText).join(",")}]}`;
}

const taskText = ({ record, memo }: StoredTask): string =>
  `{"record":${recordText(record)},"memo":${memoText(memo)}}`;

/** One line with its ending. */
export function lineOf(seq: number, fields: object): Buffer {
  const lines = new LineBuffer();
  lines.add(seq, restOf(fields));
  return lines.slice();
}

/** The line between two offsets, or null where it is not whole. A comma behind it, as in a snapshot, is allowed. */
export function readLine(bytes: Buffer, start: number, end: number): Line | null {
  const stop = bytes[end - 1] === comma ? end - 1 : end;
  if (
    stop - start <= noSum.length ||
    bytes.compare(lineOpening, 0, lineOpening.length, start, start + lineOpening.length) !== 0
  )
    return null;
  const sum = Number.parseInt(
    bytes.toString("latin1", start + lineOpening.length, start + noSum.length - 2),
    16,
  );
  if (crc32(bytes.subarray(start + noSum.length, stop)) !== sum) return null;
  try {
    return JSON.parse(bytes.toString("utf8", start, stop));
  } catch {
    return null; // the two bytes between checksum and body are damaged
  }
}

const mostMarkers = 64;

/**
 * The whole lines in a stretch that is not one: where only a line break was damaged, its neighbours are unharmed.
 * `lost` says that something else was in the stretch.
 */
export function rescue(bytes: Buffer, start: number, end: number): { lines: Line[]; lost: boolean } {
  let middle = start;
  for (let tried = 0; tried < mostMarkers; tried++) {
    middle = bytes.indexOf(lineOpening, middle + 1);
    if (middle === -1 || middle >= end) break;
    const before = readLine(bytes, start, middle - 1);
    const behind = readLine(bytes, middle, end);
    if (before && behind) return { lines: [before, behind], lost: false };
    if (before || behind) return { lines: [(before ?? behind) as Line], lost: true };
  }
  const before = readLine(bytes, start, end - 1);
  return { lines: before ? [before] : [], lost: before === null };
}
