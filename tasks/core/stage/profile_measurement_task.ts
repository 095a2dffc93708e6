// Profile measurement: moves one axis over a range and records the power at each point, as numbers and as a plot.
import path from "node:path";
import { type Ctx, type Device, type In, Task, writeDurably, z } from "armature/task";
import { tidy } from "../devices/_movement.ts";
import { deviceThatIs } from "../devices/_parameters.ts";
import { claimsOf, phases, powerMeter, readings } from "./_search.ts";

const parameters = z.object({
  axis: deviceThatIs("movable", "The axis").default("x"),
  range: z
    .number()
    .positive()
    .optional()
    .describe("To either side of where the axis stands, in its unit; default: 20 µm or 4 degrees"),
  step: z
    .number()
    .positive()
    .optional()
    .describe(
      "From point to point, in the axis' unit, rounded so that the range is whole; default: 1/30 of the range",
    ),
  speed: z.number().positive().optional().describe("Units per second; default: the axis' top speed"),
  return_to: z.enum(["start", "peak"]).default("start").describe("Where the axis goes at the end"),
  power_meter: powerMeter,
  readings,
});

const point = z.object({ position: z.number(), power_uw: z.number() });
const usualRange = { um: 20, degrees: 4 } as const;
const mostPoints = 10_001;

export class ProfileMeasurementTask extends Task.with({
  name: "profile_measurement_task",
  description: "Measures the power along one axis",
  parameters,
  result: z.object({
    axis: z.string(),
    unit: z.enum(["um", "degrees"]).describe("Of every position and width"),
    points: z.array(point),
    peak: point.describe("The top of the curve through the points"),
    width_fwhm: z
      .number()
      .nullable()
      .describe("Full width at half maximum; null where it does not fall to half"),
    position: z.number().describe("Where the axis stands now"),
    plot: z.string().describe("An SVG, relative to the data directory; an artifact of the task"),
    elapsed_time: z.number().describe("Seconds"),
  }),
  uses: ({ axis, power_meter }) => claimsOf([axis, power_meter]),
  cancelGraceSeconds: 30, // time to brake
}) {
  async *run(p: In<this>, ctx: Ctx<this>) {
    const device = ctx.devices[p.axis] as Device;
    const axis = ctx.services.motion.axis(device);
    const { name, unit, position: start } = axis;
    const range = p.range ?? usualRange[unit];
    const points = 2 * Math.max(1, Math.round(range / (p.step ?? range / 30))) + 1;
    if (points > mostPoints)
      throw new Error(
        `${points} points are more than ${mostPoints}: choose a larger step or a smaller range.`,
      );
    const speed = p.speed === undefined ? {} : { speed: p.speed };
    const so_far: z.infer<typeof point>[] = [];
    let elapsed = 0;
    const profile = yield* phases(
      ctx.services.alignment.measureProfile({
        ...{ device, from: start - range, to: start + range, points, readings: p.readings, ...speed },
        meter: ctx.devices[p.power_meter] as Device,
      }),
      ({ positions, powerUw, elapsedSeconds, best }) => {
        elapsed = elapsedSeconds;
        so_far.push({ position: tidy(positions[name] as number), power_uw: tidy(powerUw) });
        const most = { position: tidy(best.positions[name] as number), power_uw: tidy(best.powerUw) };
        ctx.partialResult({ axis: name, unit, points: so_far, best: most });
      },
    );
    await axis.moveTo(p.return_to === "peak" ? profile.peak.position : start, speed);
    const { profileAsSvg } = await import("./_profile-plot.ts");
    const file = path.join(ctx.files.own, `profile_${name}.svg`);
    await writeDurably(file, profileAsSvg(name, unit, profile));
    ctx.artifact(file);
    const { peak, fullWidthHalfMaximum: width } = profile;
    return {
      ...{ axis: name, unit, points: so_far },
      peak: { position: tidy(peak.position), power_uw: tidy(peak.powerUw) },
      width_fwhm: width === null ? null : tidy(width),
      position: tidy(axis.position),
      plot: path.relative(ctx.files.data, file),
      elapsed_time: tidy(elapsed),
    };
  }
}
