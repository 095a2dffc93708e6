// Flat alignment: moves the axes across the beam to where most light enters. Where there is none it looks for some first.
// Reaches the simulated optimum within 0.1 µm from up to 90 µm away: docs/alignment.md.
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
    axes: axisNames(1, 2).default(["x", "y"]).describe("The axes across the beam, one or two"),
    range_um: z.number().positive().max(100_000).default(100).describe("How far to either side of the start"),
    field_pitch_um: z
      .number()
      .positive()
      .default(15)
      .describe("Pitch of the grid on which light is looked for; about three mode field radii"),
    step_um: z.number().positive().default(2).describe("First step of the climb"),
    tolerance_um: z
      .number()
      .positive()
      .default(0.1)
      .describe("A round that moves less than this is the last"),
    speed_um_per_s: z.number().positive().optional().describe("Default: the top speed of each axis"),
    ...searchParameters,
  })
  .refine((p) => isBearable(p.axes.length, p.range_um, p.field_pitch_um), unbearable);

export class FlatAlignmentTask extends Task.with({
  name: "flat_alignment_task",
  description: "Aligns x and y, across the beam, for the most light",
  parameters,
  result: searchResult,
  uses: ({ axes, power_meter }) => claimsOf([...axes, power_meter]),
  cancelGraceSeconds: 30, // time to brake
}) {
  async *run(p: In<this>, ctx: Ctx<this>) {
    const { range_um: range, step_um: step, tolerance_um: tolerance, speed_um_per_s: speed } = p;
    const search = ctx.services.alignment.findPeak({
      axes: p.axes.map((name) => ({
        ...{ device: ctx.devices[name] as Device, range, step, tolerance },
        ...(speed !== undefined && { speed }),
      })),
      field: { axes: p.axes, pitch: p.field_pitch_um },
      meter: ctx.devices[p.power_meter] as Device,
      readings: p.readings,
      thresholdUw: p.threshold_uw ?? null,
      rounds: p.max_rounds,
    });
    return yield* told(search, ctx);
  }
}
