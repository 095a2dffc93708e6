import { expect, test } from "vitest";
import { imageKindOf } from "../../../src/hardware/drivers/camera/image-kind.ts";
import { photo } from "../../fixtures/camera/photo.mjs";

/** A TIFF whose first directory has these tags. */
function tiff(isLittle: boolean, tags: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(14 + tags.length * 12);
  bytes.write(isLittle ? "II" : "MM", "latin1");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint16(2, 42, isLittle);
  view.setUint32(4, 8, isLittle);
  view.setUint16(8, tags.length, isLittle);
  for (const [at, tag] of tags.entries()) view.setUint16(10 + at * 12, tag, isLittle);
  return bytes;
}
const latin = (text: string): Uint8Array => Buffer.from(text, "latin1");
const width = 0x100;
const dngVersion = 0xc612;

test.each<[string, Uint8Array, string, string]>([
  ["a JPEG", photo, "", "image/jpeg jpg"],
  ["a PNG", latin("\x89PNG\r\n\x1a\n...."), "", "image/png png"],
  ["a little-endian TIFF", tiff(true, [width]), "", "image/tiff tiff"],
  ["a big-endian TIFF", tiff(false, [width]), "photo.jpg", "image/tiff tiff"],
  ["a DNG", tiff(true, [width, dngVersion]), "photo.jpg", "image/x-adobe-dng dng"],
  ["a big-endian DNG", tiff(false, [width, dngVersion]), "", "image/x-adobe-dng dng"],
  ["Nikon's raw, by its name", tiff(false, [width]), "DSC_0001.NEF", "image/x-nikon-nef nef"],
  ["Canon's raw", latin("II*\0\x10\0\0\0CR\x02\0............"), "", "image/x-canon-cr2 cr2"],
  ["Canon's newer raw", latin("\0\0\0\x18ftypcrx ....isom"), "", "image/x-canon-cr3 cr3"],
  ["Fuji's raw", latin("FUJIFILMCCD-RAW 0201"), "", "image/x-fuji-raf raf"],
  ["an HEIC", latin("\0\0\0\x18ftypheic...."), "", "image/heic heic"],
  ["a WebP", latin("RIFF....WEBPVP8 "), "", "image/webp webp"],
  ["a pixmap", latin("P6\n2 2\n255\n............"), "", "image/x-portable-anymap ppm"],
])("%s is known by how it begins", (_, bytes, name, expected) => {
  const kind = imageKindOf(bytes, name);
  expect(`${kind?.type} ${kind?.extension}`).toBe(expected);
});

test.each([
  ["nothing", ""],
  ["a page", "<html>"],
  ["a film", "\0\0\0\x18ftypisom...."],
  ["the beginning of a word", "BM"],
])("%s is no image, whatever it is called", (_, content) => {
  expect(imageKindOf(latin(content), "photo.jpg")).toBe(null);
});

test("a TIFF that was cut short, or lies about its directory, is a TIFF still", () => {
  const whole = tiff(true, [width, dngVersion]);
  for (let length = 4; length < whole.length; length++)
    expect(imageKindOf(whole.subarray(0, length))?.extension).toMatch(/tiff|dng/);
  const lying = Buffer.from(whole);
  lying.writeUInt32LE(0xffff_ffff, 4);
  expect(imageKindOf(lying)?.extension).toBe("tiff");
});
