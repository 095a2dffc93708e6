// Focuses the microscope: at a position, or by itself, by the sharpness of what the camera sees.
// Autofocus reaches the simulated focus within 4 µm, where nothing is blurred, from up to 500 µm away: docs/microscope.md.
import { type Ctx, type In, Task, z } from "armature/task";
import { tidy } from "../devices/_movement.ts";

/** To either side of the start. */
const mostSteps = 500;

const parameters = z
  .object({
    position: z
      .number()
      .optional()
      .meta({ position_of: "microscope_focus", description: "Where to focus, in µm" }),
    speed: z.number().positive().optional().describe("In µm/s; default: the top speed"),
    autofocus: z
      .boolean()
      .optional()
      .describe(
        "Looks for the sharpest photo, about the position if there is one; default: where no position is given",
      ),
    range_um: z.number().positive().max(100_000).default(500).describe("Autofocus: how far to either side"),
    step_um: z.number().positive().default(50).describe("Autofocus: from photo to photo of the first pass"),
    exposure: z
      .number()
      .positive()
      .max(435_918)
      .optional()
      .describe("Autofocus: in milliseconds; default: the camera's"),
    gain: z.number().positive().max(32).optional().describe("Autofocus: default: the camera's"),
  })
  .refine((p) => p.position !== undefined || p.autofocus !== false, {
    path: ["position"],
    error: "give a position, or let it autofocus",
  })
  .refine((p) => p.range_um / p.step_um <= mostSteps, {
    path: ["step_um"],
    error: `makes more than ${2 * mostSteps} photos: choose a larger step or a smaller range`,
  });

export class AdjustFocusTask extends Task.with({
  name: "adjust_focus_task",
  description: "Focuses the microscope, at a position or by itself",
  parameters,
  result: z.object({
    new_position: z.number().describe("In µm"),
    sharpness: z
      .number()
      .nullable()
      .describe("Variance of the Laplacian of a photo taken there; null without autofocus"),
    at_range_end: z.boolean().describe("Autofocus: it may be sharper beyond the range"),
    photos: z.int().describe("Photos that were taken"),
  }),
  uses: { microscope: "exclusive", microscope_focus: "exclusive", microscope_camera: "exclusive" },
  cancelGraceSeconds: 30, // time to brake
}) {
  async *run(p: In<this>, ctx: Ctx<this>) {
    const { microscope_focus: focus, microscope_camera: camera } = ctx.devices;
    const speed = p.speed === undefined ? {} : { speedUmPerS: p.speed };
    if (p.position !== undefined) await focus.moveTo(p.position, speed);
    if (!(p.autofocus ?? p.position === undefined))
      return { new_position: tidy(focus.positionUm), sharpness: null, at_range_end: false, photos: 0 };
    const steps = ctx.services.microscope.autofocus({
      ...{ device: focus, camera, rangeUm: p.range_um, stepUm: p.step_um, ...speed },
      ...(p.exposure !== undefined && { exposureMs: p.exposure }),
      ...(p.gain !== undefined && { gain: p.gain }),
    });
    for (;;) {
      const next = await steps.next();
      if (next.done) {
        const { sharpness, isAtRangeEnd: at_range_end, photos } = next.value;
        if (at_range_end) ctx.log.warn("the sharpest photo lies at the end of the range");
        return { new_position: tidy(focus.positionUm), sharpness: tidy(sharpness), at_range_end, photos };
      }
      const { phase, description, percent, elapsedSeconds, positionUm, sharpness } = next.value;
      ctx.partialResult({ position: tidy(positionUm), sharpness: tidy(sharpness) });
      const progress_percent = Math.round(percent * 100) / 100;
      yield {
        ...{ current: progress_percent, total: 100, message: description },
        data: {
          ...{ phase, phase_description: description, progress_percent, message: description },
          elapsed_time: tidy(elapsedSeconds),
          ...{ position: tidy(positionUm), sharpness: tidy(sharpness) },
        },
      };
    }
  }
}
