// Focus alignment: moves one axis along the beam to where most light enters.
// Reaches the simulated optimum within 1 µm from up to 270 µm away: docs/alignment.md.
import { type Ctx, type Device, type In, Task, z } from "armature/task";
import { deviceThatIs } from "../devices/_parameters.ts";
import { claimsOf, isBearable, searchParameters, searchResult, told, unbearable } from "./_search.ts";

const parameters = z
  .object({
    axis: deviceThatIs("movable", "The axis along the beam").default("z"),
    range_um: z.number().positive().max(100_000).default(300).describe("How far to either side of the start"),
    field_pitch_um: z.number().positive().default(50).describe("Pitch at which light is looked for"),
    step_um: z.number().positive().default(10).describe("First step of the climb"),
    tolerance_um: z.number().positive().default(1).describe("A round that moves less than this is the last"),
    speed_um_per_s: z.number().positive().optional().describe("Default: the axis' top speed"),
    ...searchParameters,
  })
  .refine((p) => isBearable(1, p.range_um, p.field_pitch_um), unbearable);

export class FocusAlignmentTask extends Task.with({
  name: "focus_alignment_task",
  description: "Aligns z, along the beam, for the most light",
  parameters,
  result: searchResult,
  uses: ({ axis, power_meter }) => claimsOf([axis, power_meter]),
  cancelGraceSeconds: 30, // time to brake
}) {
  async *run(p: In<this>, ctx: Ctx<this>) {
    const { range_um: range, step_um: step, tolerance_um: tolerance, speed_um_per_s: speed } = p;
    const device = ctx.devices[p.axis] as Device;
    const search = ctx.services.alignment.findPeak({
      axes: [{ device, range, step, tolerance, ...(speed !== undefined && { speed }) }],
      field: { axes: [p.axis], pitch: p.field_pitch_um },
      meter: ctx.devices[p.power_meter] as Device,
      readings: p.readings,
      thresholdUw: p.threshold_uw ?? null,
      rounds: p.max_rounds,
    });
    return yield* told(search, ctx);
  }
}
