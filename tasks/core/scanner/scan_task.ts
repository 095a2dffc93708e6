// Photographs an object from all sides: plan once, then move, wait, expose; the photo is saved during the next move.
import { type Capturing, type Ctx, type In, isFocusable, type PolarPoint, Task, z } from "armature/task";
import { focusOptions, parameters, pathOptions } from "./_scan-parameters.ts";

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
    const focus = ctx.services.focus.stack(camera, focusOptions(p));
    const scan = ctx.resumedFrom
      ? await projects.openScan(p.project, ctx.resumedFrom.scan_index)
      : await projects.createScan(p.project, paths.plan(pathOptions(p), ctx.devices), {
          task_id: ctx.taskId,
          parameters: p,
        });
    const { index: scan_index, path } = scan;
    const shots = shotsOf(path, focus.positions);
    const first = ctx.resumedFrom?.next_step ?? p.start_from_step;
    // Known before the first exposure: whatever happens, the next attempt continues in this folder.
    await ctx.checkpoint({ scan_index, next_step: first });
    try {
      await light.turnOn();
      let standsAt: number | null = null;
      for (const [number, { step, thetaDegrees, phiDegrees, focusDioptres, inStack }] of shots.entries()) {
        // The power may have gone between a photo's last byte and its checkpoint: nothing is exposed twice.
        if (step < first || (await scan.hasPhoto(step, inStack))) continue;
        if (step !== standsAt) {
          await motion.together([rotor.moveTo(thetaDegrees), turntable.moveTo(phiDegrees)]);
          await ctx.sleep(p.pause_before_capture_ms);
          standsAt = step;
        }
        await focus.focusAt(focusDioptres);
        const { bytes, extension, ...exposure } = await camera.capture({
          exposureMs: p.exposure_ms,
          gain: p.gain,
        });
        const position = { theta_degrees: thetaDegrees, phi_degrees: phiDegrees };
        const about = { task_id: ctx.taskId, position, ...focusOf(camera), ...metadata(exposure) };
        await scan.saved();
        scan.savePhoto(step, { bytes, extension, focus: inStack }, about);
        yield {
          current: number + 1,
          total: shots.length,
          message: `Photo ${number + 1} of ${shots.length}`,
          data: { position, scan_index, directory: scan.directory },
          checkpoint: { scan_index, next_step: step }, // this photo is still on its way to the disk
        };
      }
    } finally {
      await Promise.all([motion.park({ rotor, turntable, light }, ctx.log), focus.restore(ctx.log)]);
      await scan.saved();
    }
    const photos = (await scan.photos()).length;
    await scan.describe({ photos, completed_at: new Date().toISOString() });
    return { project: p.project, scan_index, photos, directory: scan.directory };
  }
}

/** In the order of the photos: the stack of a pose is taken before the next move. */
const shotsOf = (path: readonly PolarPoint[], focus: readonly (number | null)[]) =>
  path.flatMap((pose, step) =>
    focus.map((focusDioptres, index) => ({
      ...pose,
      step,
      focusDioptres,
      inStack: focusDioptres === null ? undefined : index,
    })),
  );

const focusOf = (camera: Capturing) => ({
  focus_dioptres: isFocusable(camera) ? camera.focusDioptres : null,
});

const metadata = (photo: { type: string; takenAt: string; exposureMs: number; gain: number }) => ({
  type: photo.type,
  taken_at: photo.takenAt,
  exposure_ms: photo.exposureMs,
  gain: photo.gain,
});
