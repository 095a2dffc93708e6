// Takes one photo; the file is the task's artifact.
import path from "node:path";
import { type Ctx, type Device, demand, type In, Task, writeDurably, z } from "armature/task";
import { deviceThatIs } from "./_parameters.ts";

export class CaptureTask extends Task.with({
  name: "capture_task",
  description: "Takes one photo",
  parameters: z.object({
    camera: deviceThatIs("capturing", "The camera: a device that takes photos").default("camera"),
    exposure_ms: z.number().positive().max(435_918).optional().describe("Default: the camera's own"),
    gain: z.number().positive().max(32).optional().describe("Default: the camera's own"),
  }),
  result: z.object({
    camera: z.string(),
    photo: z.string().describe("The file, relative to the data directory; an artifact of the task"),
    type: z.string().describe("MIME type, as in image/jpeg"),
    bytes: z.int(),
    taken_at: z.string(),
    exposure_ms: z.number(),
    gain: z.number(),
  }),
  uses: ({ camera }) => ({ [camera]: "exclusive" }),
}) {
  async run({ camera: name, exposure_ms: exposureMs, gain }: In<this>, ctx: Ctx<this>) {
    const camera = demand(ctx.devices[name] as Device, "capturing");
    ctx.progress(0, 2, "Exposing");
    const { bytes, type, extension, takenAt, ...exposure } = await camera.capture({
      ...(exposureMs !== undefined && { exposureMs }),
      ...(gain !== undefined && { gain }),
    });
    ctx.progress(1, 2, "Saving");
    const file = path.join(ctx.files.own, `${name}.${extension}`);
    await writeDurably(file, bytes);
    ctx.artifact(file);
    ctx.progress(2, 2, "Saved");
    return {
      camera: name,
      photo: path.relative(ctx.files.data, file),
      type,
      bytes: bytes.byteLength,
      taken_at: takenAt,
      exposure_ms: exposure.exposureMs,
      gain: exposure.gain,
    };
  }
}
