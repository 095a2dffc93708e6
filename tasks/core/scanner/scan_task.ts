// Photographs an object from all sides: plan once, then move, wait, expose; the photo is saved during the next move.
import { type Ctx, type In, type ScanPathOptions, Task, z } from "armature/task";

const degrees = (most: number) => z.number().min(0).max(most);

const parameters = z
  .object({
    project: z
      .string()
      .regex(/^[\p{L}\p{N}]([\p{L}\p{N} ._-]{0,98}[\p{L}\p{N}_-])?$/u)
      .refine((name) => Buffer.byteLength(name) <= 200, "is longer than 200 bytes")
      .describe("Name of the project; its folder below data/projects is made"),
    points: z.int().min(1).max(999).default(130).describe("How many photos"),
    path_method: z
      .enum(["fibonacci", "turntable"])
      .default("fibonacci")
      .describe("fibonacci: spread over the sphere. turntable: equal steps of one turn, rotor fixed"),
    min_theta: degrees(180).default(12).describe("Highest view in degrees, 0 is from above (fibonacci)"),
    max_theta: degrees(180).default(125).describe("Lowest view in degrees (fibonacci)"),
    min_phi: degrees(360).default(0).describe("Turntable from, in degrees (fibonacci)"),
    max_phi: degrees(360).default(360).describe("Turntable to, in degrees (fibonacci)"),
    optimize_path: z.boolean().default(true).describe("Order the photos by travel time (fibonacci)"),
    rotor_angle: degrees(180).default(90).describe("Where the rotor stands, in degrees (turntable)"),
    pause_before_capture_ms: z.int().min(0).max(60_000).default(0).describe("Lets the object come to rest"),
    exposure_ms: z.number().positive().max(435_918).default(50),
    gain: z.number().positive().max(32).default(1),
    start_from_step: z.int().min(0).default(0).describe("Leaves out the photos before this one"),
  })
  .refine((p) => p.min_theta <= p.max_theta, { path: ["min_theta"], error: "min_theta is above max_theta" })
  .refine((p) => p.start_from_step < p.points, {
    path: ["start_from_step"],
    error: "start_from_step leaves out every photo; the first is 0",
  });

export class ScanTask extends Task.with({
  name: "scan_task",
  description: "Photographs an object from all sides into data/projects",
  parameters,
  result: z.object({
    project: z.string(),
    scan_index: z.int(),
    photos: z.int(),
    directory: z.string(),
  }),
  checkpoint: z.object({ scan_index: z.int(), next_step: z.int() }),
  isExclusive: true,
  uses: { rotor: "exclusive", turntable: "exclusive", camera: "exclusive", light: "exclusive" },
  cancelGraceSeconds: 60, // time to brake and to come home
}) {
  async *run(p: In<this>, ctx: Ctx<this>) {
    const { rotor, turntable, camera, light } = ctx.devices;
    const { projects, paths, motion } = ctx.services;
    const scan = ctx.resumedFrom
      ? await projects.openScan(p.project, ctx.resumedFrom.scan_index)
      : await projects.createScan(p.project, paths.plan(pathOptions(p), ctx.devices), {
          task_id: ctx.taskId,
          parameters: p,
        });
    const { index: scan_index, path } = scan;
    const first = ctx.resumedFrom?.next_step ?? p.start_from_step;
    // Known before the first exposure: whatever happens, the next attempt continues in this folder.
    await ctx.checkpoint({ scan_index, next_step: first });
    try {
      await light.turnOn();
      for (const [step, { thetaDegrees, phiDegrees }] of path.entries()) {
        // The power may have gone between a photo's last byte and its checkpoint: nothing is exposed twice.
        if (step < first || (await scan.hasPhoto(step))) continue;
        await motion.together([rotor.moveTo(thetaDegrees), turntable.moveTo(phiDegrees)]);
        await ctx.sleep(p.pause_before_capture_ms);
        const { bytes, extension, ...exposure } = await camera.capture({
          exposureMs: p.exposure_ms,
          gain: p.gain,
        });
        const position = { theta_degrees: thetaDegrees, phi_degrees: phiDegrees };
        await scan.saved();
        scan.savePhoto(step, { bytes, extension }, { task_id: ctx.taskId, position, ...metadata(exposure) });
        yield {
          current: step + 1,
          total: path.length,
          message: `Photo ${step + 1} of ${path.length}`,
          data: { position, scan_index, directory: scan.directory },
          checkpoint: { scan_index, next_step: step }, // this photo is still on its way to the disk
        };
      }
    } finally {
      await motion.park({ rotor, turntable, light }, ctx.log);
      await scan.saved();
    }
    const photos = (await scan.photos()).length;
    await scan.describe({ photos, completed_at: new Date().toISOString() });
    return { project: p.project, scan_index, photos, directory: scan.directory };
  }
}

const pathOptions = (p: z.output<typeof parameters>): ScanPathOptions => ({
  method: p.path_method,
  points: p.points,
  minThetaDegrees: p.min_theta,
  maxThetaDegrees: p.max_theta,
  minPhiDegrees: p.min_phi,
  maxPhiDegrees: p.max_phi,
  rotorDegrees: p.rotor_angle,
  optimize: p.optimize_path,
});

const metadata = (photo: { type: string; takenAt: string; exposureMs: number; gain: number }) => ({
  type: photo.type,
  taken_at: photo.takenAt,
  exposure_ms: photo.exposureMs,
  gain: photo.gain,
});
