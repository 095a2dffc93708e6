// Angle adjustment: turns the tilt axes to where most light enters. A tilt moves the end of the fibre sideways, too, so
// the axes across the beam follow. Reaches the simulated optimum within 0.05° in tx and ty and 1° in tz, where the power
// hardly depends on it, from up to 2° away: docs/alignment.md.
import { type Ctx, type Device, type In, Task, z } from "armature/task";
import {
  axisNames,
  claimsOf,
  isBearable,
  searchParameters,
  searchResult,
  told,
  unbearable,
} from "./_search.ts";

const parameters = z
  .object({
    axes: axisNames(1, 3)
      .default(["tx", "ty", "tz"])
      .describe("The axes that tilt, and the one that turns about the beam"),
    range_degrees: z.number().positive().max(360).default(4).describe("How far to either side of the start"),
    step_degrees: z.number().positive().default(0.5).describe("First step of the climb"),
    tolerance_degrees: z
      .number()
      .positive()
      .default(0.1)
      .describe("A round that moves less than this is the last"),
    speed_degrees_per_s: z.number().positive().optional().describe("Default: the top speed of each axis"),
    recentre_axes: axisNames(0, 2)
      .default(["x", "y"])
      .describe("The axes across the beam that follow the tilt; none with []"),
    recentre_range_um: z
      .number()
      .positive()
      .max(100_000)
      .default(100)
      .describe("How far these go to either side of the start"),
    recentre_step_um: z.number().positive().default(2).describe("The first step of their climb"),
    field_pitch_um: z
      .number()
      .positive()
      .default(15)
      .describe("Pitch of the grid on which light is looked for"),
    ...searchParameters,
  })
  .refine(({ axes, recentre_axes }) => !recentre_axes.some((name) => axes.includes(name)), {
    path: ["recentre_axes"],
    error: "names an axis that is among axes",
  })
  .refine((p) => isBearable(p.recentre_axes.length, p.recentre_range_um, p.field_pitch_um), unbearable);

/** Of the axes that follow. */
const recentreToleranceUm = 0.1;

export class AngleAdjustmentTask extends Task.with({
  name: "angle_adjustment_task",
  description: "Adjusts tx, ty and tz, the tilt to the beam, for the most light",
  parameters,
  result: searchResult,
  uses: ({ axes, recentre_axes, power_meter }) => claimsOf([...recentre_axes, ...axes, power_meter]),
  cancelGraceSeconds: 30, // time to brake
}) {
  async *run(p: In<this>, ctx: Ctx<this>) {
    const across = p.recentre_axes.map((name) => ({
      ...{ device: ctx.devices[name] as Device, range: p.recentre_range_um },
      ...{ step: p.recentre_step_um, tolerance: recentreToleranceUm, isFollower: true },
    }));
    const tilts = p.axes.map((name) => ({
      ...{ device: ctx.devices[name] as Device, range: p.range_degrees },
      ...{ step: p.step_degrees, tolerance: p.tolerance_degrees },
      ...(p.speed_degrees_per_s !== undefined && { speed: p.speed_degrees_per_s }),
    }));
    const search = ctx.services.alignment.findPeak({
      axes: [...across, ...tilts],
      field: across.length > 0 ? { axes: p.recentre_axes, pitch: p.field_pitch_um } : null,
      meter: ctx.devices[p.power_meter] as Device,
      readings: p.readings,
      thresholdUw: p.threshold_uw ?? null,
      rounds: p.max_rounds,
    });
    return yield* told(search, ctx);
  }
}
