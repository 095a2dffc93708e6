// Takes one photo through the microscope: in the result as a small JPEG, as an artifact as the camera made it.
import path from "node:path";
import { type Ctx, type In, Task, writeDurably, z } from "armature/task";

/** Results above 64 KiB are files: in base64 this stays below. */
const mostImageBytes = 40_000;

const exposure = z.number().positive().max(435_918).optional();

export class CaptureImageTask extends Task.with({
  name: "capture_image_task",
  description: "Takes one photo through the microscope",
  parameters: z
    .object({
      exposure: exposure.describe("In milliseconds; default 100"),
      exposure_ms: exposure.describe("The same"),
      gain: z.number().positive().max(32).default(1),
    })
    .refine((p) => p.exposure === undefined || p.exposure_ms === undefined || p.exposure === p.exposure_ms, {
      path: ["exposure_ms"],
      error: "exposure and exposure_ms are the same, and differ here",
    }),
  result: z.object({
    image_data: z.string().describe("A JPEG in base64; smaller than the photo where that is large"),
    timestamp: z.string(),
    artifact: z.string().describe("The photo as the camera made it, relative to the data directory"),
  }),
  // Whoever uses the microscope does so one after the other: what a photo shows follows from where it was left.
  uses: { microscope: "exclusive", microscope_camera: "exclusive" },
}) {
  async run({ exposure, exposure_ms, gain }: In<this>, ctx: Ctx<this>) {
    const exposureMs = exposure_ms ?? exposure ?? 100;
    ctx.progress(0, 2, "Exposing");
    const photo = await ctx.devices.microscope_camera.capture({ exposureMs, gain });
    ctx.progress(1, 2, "Saving");
    const file = path.join(ctx.files.own, `image.${photo.extension}`);
    await writeDurably(file, photo.bytes);
    ctx.artifact(file);
    const small = await ctx.services.microscope.preview(photo.bytes, mostImageBytes);
    ctx.progress(2, 2, "Saved");
    return {
      image_data: Buffer.from(small).toString("base64"),
      timestamp: photo.takenAt,
      artifact: path.relative(ctx.files.data, file),
    };
  }
}
