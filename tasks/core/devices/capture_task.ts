// Takes one photo; the file is the task's artifact.
import path from "node:path";
import {
  type Capturing,
  type Ctx,
  type Device,
  demand,
  type FocusStack,
  type In,
  isFocusable,
  Task,
  writeDurably,
  z,
} from "armature/task";
import { deviceThatIs } from "./_parameters.ts";

export class CaptureTask extends Task.with({
  name: "capture_task",
  description: "Takes one photo",
  parameters: z.object({
    camera: deviceThatIs("capturing", "The camera: a device that takes photos").default("camera"),
    exposure_ms: z.number().positive().max(435_918).optional().describe("Default: the camera's own"),
    gain: z.number().positive().max(32).optional().describe("Default: the camera's own"),
    focus_dioptres: z
      .number()
      .min(0)
      .optional()
      .describe("For this photo; default: as it stands. 10 is 10 cm before the lens")
      .meta({ focus_of: "camera" }),
  }),
  result: z.object({
    camera: z.string(),
    photo: z.string().describe("The file, relative to the data directory; an artifact of the task"),
    type: z.string().describe("MIME type, as in image/jpeg"),
    bytes: z.int(),
    taken_at: z.string(),
    exposure_ms: z.number(),
    gain: z.number(),
    focus_dioptres: z.number().nullable().describe("Null where the camera found it by itself"),
  }),
  uses: ({ camera }) => ({ [camera]: "exclusive" }),
}) {
  async run({ camera: name, exposure_ms: exposureMs, gain, focus_dioptres }: In<this>, ctx: Ctx<this>) {
    const camera = demand(ctx.devices[name] as Device, "capturing");
    const focus = ctx.services.focus.at(camera, focus_dioptres === undefined ? [] : [focus_dioptres]);
    ctx.progress(0, 2, "Exposing");
    const { bytes, type, extension, takenAt, focusedAt, ...exposure } = await expose(camera, focus, {
      ...(exposureMs !== undefined && { exposureMs }),
      ...(gain !== undefined && { gain }),
    }).finally(() => focus.restore(ctx.log));
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
      focus_dioptres: focusedAt,
    };
  }
}

async function expose(camera: Capturing, focus: FocusStack, options: { exposureMs?: number; gain?: number }) {
  await focus.focusAt(focus.positions[0] ?? null);
  const photo = await camera.capture(options);
  return { ...photo, focusedAt: isFocusable(camera) ? camera.focusDioptres : null };
}
