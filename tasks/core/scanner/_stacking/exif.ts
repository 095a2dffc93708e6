// What the camera said of a photo, put into a JPEG that has nothing of it.

/** CIPA DC-008 (Exif 2.32), 4.5.4: a segment cannot say that it is longer. */
const most = 0xffff - 2;
const heading = "Exif\0\0";

/**
 * @param exif as sharp reads it, with or without its heading
 * @returns the same JPEG with the EXIF behind its first marker; without it where it is too long for a segment
 */
export function withExif(jpeg: Uint8Array, exif: Uint8Array): Uint8Array {
  const hasHeading = Buffer.from(exif.subarray(0, heading.length)).toString("latin1") === heading;
  const content = hasHeading ? exif : Buffer.concat([Buffer.from(heading, "latin1"), exif]);
  if (content.byteLength > most) return jpeg;
  const marker = Buffer.from([0xff, 0xe1, 0, 0]);
  marker.writeUInt16BE(content.byteLength + 2, 2);
  return Buffer.concat([jpeg.subarray(0, 2), marker, content, jpeg.subarray(2)]);
}
