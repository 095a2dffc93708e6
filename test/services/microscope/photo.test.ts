// Sharpness and previews of photos that the test draws.
import sharp from "sharp";
import { expect, test } from "vitest";
import { previewOf, sharpnessOf } from "../../../src/services/microscope/photo.ts";
import { varianceOfLaplacian } from "../../../src/services/microscope/sharpness.ts";

test("a plain surface and a slope are not sharp, a chequered one is", () => {
  const picture = (shade: (x: number, y: number) => number): Uint8Array =>
    Uint8Array.from({ length: 64 }, (_, at) => shade(at % 8, Math.floor(at / 8)));
  expect(
    varianceOfLaplacian(
      picture(() => 90),
      8,
      8,
    ),
  ).toBe(0);
  expect(
    varianceOfLaplacian(
      picture((x, y) => 10 * x + 5 * y),
      8,
      8,
    ),
  ).toBe(0);
  // 100 and 0 in turns: the Laplacian is ± 400.
  expect(
    varianceOfLaplacian(
      picture((x, y) => 100 * ((x + y) % 2)),
      8,
      8,
    ),
  ).toBe(160_000);
});

test("what has no inside has no sharpness", () => {
  expect(varianceOfLaplacian(new Uint8Array(4), 2, 2)).toBe(0);
});

const grain = { type: "gaussian", mean: 128, sigma: 60 } as const;
const noise = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#808080", noise: grain } });

test("the more blurred a photo, the less sharp, in JPEG as in PNG", async () => {
  const drawn = await noise(200, 150).png().toBuffer();
  for (const format of ["jpeg", "png"] as const) {
    const values: number[] = [];
    for (const blur of [0.3, 1, 2, 5])
      values.push(await sharpnessOf(await sharp(drawn).blur(blur).toFormat(format).toBuffer()));
    expect(values).toEqual(values.toSorted((a, b) => b - a));
  }
});

test("a preview has at most so many bytes, however large the photo, and the photo's shape", async () => {
  const photo = await noise(1600, 1200).jpeg({ quality: 95 }).toBuffer();
  for (const most of [40_000, 5000]) {
    const preview = await previewOf(photo, most);
    expect(preview.byteLength).toBeLessThanOrEqual(most);
    const { format, width, height } = await sharp(preview).metadata();
    expect(format).toBe("jpeg");
    expect((width as number) / (height as number)).toBeCloseTo(4 / 3, 1);
  }
});

test("a photo that lies on its side stands upright in its preview", async () => {
  const photo = await noise(400, 200).jpeg({ quality: 95 }).withMetadata({ orientation: 6 }).toBuffer();
  const { width, height } = await sharp(await previewOf(photo, 8000)).metadata();
  expect(height).toBeGreaterThan(width as number);
});

test("a small JPEG is its own preview, other formats become one", async () => {
  const jpeg = await noise(40, 30).jpeg().toBuffer();
  expect(await previewOf(jpeg, 40_000)).toBe(jpeg);
  const png = await noise(40, 30).png().toBuffer();
  expect((await sharp(await previewOf(png, 40_000)).metadata()).format).toBe("jpeg");
});
