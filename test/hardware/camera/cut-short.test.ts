import sharp from "sharp";
import { expect, test } from "vitest";
import { isCutShort } from "../../../src/hardware/drivers/camera/cut-short.ts";
import { imageKindOf } from "../../../src/hardware/drivers/camera/image-kind.ts";
import { photo } from "../../fixtures/camera/photo.mjs";

const jpeg = { type: "image/jpeg", extension: "jpg" };
const drawn = sharp({ create: { width: 40, height: 30, channels: 3, background: "teal" } });
const endOfImage = Buffer.from([0xff, 0xd9]);

test("a JPEG and a PNG are cut short wherever they are cut before their end", async () => {
  const images = await Promise.all([drawn.clone().jpeg().toBuffer(), drawn.clone().png().toBuffer()]);
  for (const image of [photo, ...images]) {
    const kind = imageKindOf(image);
    if (!kind) throw new Error("expected an image");
    expect(isCutShort(image, kind)).toBe(false);
    for (let length = 9; length < image.length - 12; length += 7)
      expect(isCutShort(image.subarray(0, length), kind), `${kind.type}, ${length} bytes`).toBe(true);
  }
});

test("a progressive JPEG, and one with something behind its end, are whole", async () => {
  const progressive = await drawn.clone().jpeg({ progressive: true }).toBuffer();
  expect(isCutShort(progressive, jpeg)).toBe(false);
  expect(isCutShort(Buffer.concat([photo, Buffer.alloc(500, 0xff)]), jpeg)).toBe(false);
});

test("the end of a thumbnail inside it is not the photo's", () => {
  const thumbnail = Buffer.concat([photo, endOfImage]);
  const segment = Buffer.from([0xff, 0xe1, 0, 0]);
  segment.writeUInt16BE(thumbnail.length + 2, 2);
  const withThumbnail = Buffer.concat([photo.subarray(0, 2), segment, thumbnail, photo.subarray(2)]);
  expect(isCutShort(withThumbnail, jpeg)).toBe(false);
  expect(isCutShort(withThumbnail.subarray(0, -2), jpeg)).toBe(true);
});
