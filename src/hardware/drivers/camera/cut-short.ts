// Whether an image has its end: a program that was killed, or a line that dropped, leaves half of one.
import type { ImageKind } from "./image-kind.ts";

/** Of kinds whose end is no mark, nobody can say it here. */
export function isCutShort(bytes: Uint8Array, { extension }: ImageKind): boolean {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (extension === "jpg") return !content.includes(endOfImage, firstScan(content));
  if (extension === "png") return !content.includes("IEND", 8, "latin1");
  return false;
}

/** Markers of a JPEG (ITU-T T.81, table B.1). */
const endOfImage = Buffer.from([0xff, 0xd9]);
const startOfScan = 0xda;

/** Segments before it are passed by their lengths: a thumbnail inside one has an end of its own. */
function firstScan(jpeg: Buffer): number {
  let at = 2;
  while (at + 4 <= jpeg.length && jpeg[at] === 0xff && jpeg[at + 1] !== startOfScan)
    at += 2 + jpeg.readUInt16BE(at + 2);
  return Math.min(at, jpeg.length);
}
