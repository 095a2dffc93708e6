// Crops a photo to the object in it. Blocking: a worker looks at the pixels, the event loop does not wait.
import path from "node:path";
import { type Ctx, type In, Task, writeDurably, z } from "armature/task";
import type { Box } from "./_object-box.ts";

/** The object is looked for in a photo of this size, in pixels on its long side. */
const lookAt = 256;

const pixels = z.int().min(0);

export class CropTask extends Task.with({
  name: "crop_task",
  description: "Finds the object in a photo and writes the photo cropped to it",
  parameters: z.object({
    photo: z.string().min(1).describe("Path below the data directory or a media directory"),
    threshold: z
      .number()
      .positive()
      .max(100)
      .optional()
      .describe("How different in colour from the background the object is; found from the photo by default"),
    margin_percent: z.number().min(0).max(50).default(5).describe("Room around the object, of its size"),
  }),
  result: z.object({
    box: z.object({ left: pixels, top: pixels, width: pixels, height: pixels }),
    cropped: z.string(),
  }),
  isBlocking: true,
}) {
  async run({ photo, threshold, margin_percent }: In<this>, ctx: Ctx<this>) {
    const source = ctx.files.resolve(photo);
    const [{ findObject }, { loadSharp }] = await Promise.all([
      import("./_object-box.ts"),
      import("./_sharp.ts"),
    ]);
    const sharp = await loadSharp();
    ctx.progress(0, 3, "Reading the photo");
    // Turned as its EXIF says, once: what is measured is what is cropped.
    const upright = await sharp(source)
      .rotate()
      .removeAlpha()
      .toColourspace("srgb")
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { data, info } = upright;
    const raw = { width: info.width, height: info.height, channels: info.channels };
    const small = await sharp(data, { raw })
      .resize(lookAt, lookAt, { fit: "inside", withoutEnlargement: true })
      .raw()
      .toBuffer({ resolveWithObject: true });

    ctx.checkpoint();
    ctx.progress(1, 3, "Looking for the object");
    const found = findObject(
      { data: small.data, width: small.info.width, height: small.info.height },
      threshold,
    );
    if (!found) throw new Error(`Nothing in ${photo} differs from its background; try a lower threshold.`);
    const box = enlarge(found, info.width / small.info.width, margin_percent / 100, info);

    ctx.checkpoint();
    ctx.progress(2, 3, "Cropping");
    const file = path.join(ctx.files.own, `${path.parse(source).name}_cropped.jpg`);
    await writeDurably(file, await sharp(data, { raw }).extract(box).jpeg({ quality: 95 }).toBuffer());
    ctx.artifact(file);
    ctx.progress(3, 3, "Cropped");
    return { box, cropped: path.relative(ctx.files.data, file) };
  }
}

/** The box in the photo's own pixels, with its margin, inside the photo. */
function enlarge(box: Box, scale: number, margin: number, photo: { width: number; height: number }): Box {
  const [x, y] = [box.width * margin, box.height * margin];
  const left = Math.max(0, Math.floor((box.left - x) * scale));
  const top = Math.max(0, Math.floor((box.top - y) * scale));
  const right = Math.min(photo.width, Math.ceil((box.left + box.width + x) * scale));
  const bottom = Math.min(photo.height, Math.ceil((box.top + box.height + y) * scale));
  return { left, top, width: right - left, height: bottom - top };
}
