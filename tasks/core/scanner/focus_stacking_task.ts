// Makes one sharp picture of photos of different focus. Blocking: a worker computes, the event loop does not wait.
import { existsSync } from "node:fs";
import path from "node:path";
import { type Ctx, type In, Task, writeDurably, z } from "armature/task";
import { projectName, scanName } from "./_project.ts";

const parameters = z
  .object({
    project: projectName.optional().describe("The project of the scan"),
    scan_index: z.int().min(1).max(9999).optional().describe("Its scan; all of its focus stacks are made"),
    photos: z
      .array(z.string().min(1))
      .min(2)
      .max(99)
      .optional()
      .describe(
        "Instead: the photos of one stack, in the order of their focus; below the data or a media directory",
      ),
  })
  .refine((p) => (p.photos === undefined) !== (p.project === undefined && p.scan_index === undefined), {
    error: "give either project and scan_index, or photos",
  })
  .refine((p) => (p.project === undefined) === (p.scan_index === undefined), {
    path: ["scan_index"],
    error: "project and scan_index belong together",
  });

export class FocusStackingTask extends Task.with({
  name: "focus_stacking_task",
  description: "Makes one sharp picture of each focus stack of a scan, or of photos of different focus",
  parameters,
  result: z.object({
    project: z.string().nullable(),
    scan_index: z.int().nullable(),
    directory: z.string(),
    stacked: z.array(z.string()),
    photos_per_stack: z.int(),
    not_aligned: z.array(z.string()),
    incomplete: z.array(z.object({ position: z.string(), missing: z.array(z.string()) })),
  }),
  checkpoint: z.object({ last_position: z.string() }),
  isBlocking: true,
  // Two of the same scan would write the same files.
  uses: ({ project, scan_index }) =>
    project === undefined || scan_index === undefined
      ? {}
      : { [`stacks of ${project}/${scanName(scan_index)}`]: "exclusive" },
  onRestart: "resume", // nothing moves
  cancelGraceSeconds: 60, // one photo of 16 megapixels on a small machine
}) {
  async *run(p: In<this>, ctx: Ctx<this>) {
    const { Photos, Steps, workOf, ...stacking } = await import("./_stacking/stacking.ts");
    const photos = await Photos.open();
    const work = await workOf(p, ctx.files);
    const { stacks, focuses, incomplete } = work;
    for (const { position, missing } of incomplete)
      ctx.log.warn(`Position ${position} is left out, as it lacks ${missing.join(", ")}`);
    const samples = stacking.samplesOf(stacks);
    const steps = new Steps((samples.length + 2 * stacks.length) * focuses.length);

    let calibration =
      ctx.resumedFrom && (await stacking.readCalibration(work.calibrationFile, focuses.length, ctx.log));
    if (calibration) steps.skip(samples.length * focuses.length);
    else {
      calibration = yield* steps.of(stacking.calibrate(samples, photos));
      await stacking.writeCalibration(work.calibrationFile, calibration);
    }
    const not_aligned = focuses.filter((_, index) => calibration.photos[index]?.found_in_stacks === 0);
    for (const focus of not_aligned) ctx.log.warn(`${focus} could not be aligned and is taken as it lies`);

    for (const [index, { position, photos: files, target }] of stacks.entries()) {
      if (isDone(position, ctx.resumedFrom) && existsSync(target)) {
        steps.skip(2 * focuses.length);
        continue;
      }
      const data = { stack: index + 1, stacks: stacks.length };
      await writeDurably(target, yield* steps.of(stacking.merge(files, calibration.photos, photos), data));
      ctx.checkpoint({ last_position: position });
    }
    if (p.photos) ctx.artifact(stacks[0].target);
    const { data } = ctx.files;
    return {
      project: p.project ?? null,
      scan_index: p.scan_index ?? null,
      directory: path.relative(data, work.directory),
      stacked: stacks.map(({ target }) => path.relative(data, target)),
      photos_per_stack: focuses.length,
      not_aligned,
      incomplete,
    };
  }
}

/** Stacks are made by position. */
const isDone = (position: string, before?: { last_position: string }): boolean =>
  before !== undefined && Number(position) <= Number(before.last_position);
