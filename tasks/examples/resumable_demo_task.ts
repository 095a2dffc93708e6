// 5. Checkpoints: after a restart, even a power cut, it continues with the step that was not yet saved.
import { type Ctx, type In, Task, z } from "armature/task";

export class ResumableDemoTask extends Task.with({
  name: "resumable_demo_task",
  description: "Counts, saves every step, and continues where it stopped.",
  onRestart: "resume",
  checkpoint: z.int(),
  parameters: z.object({
    steps: z.int().min(1).max(10_000).default(20).describe("How many steps to take"),
    interval_seconds: z.number().min(0).max(3600).default(0.5).describe("Time between two steps, in seconds"),
  }),
}) {
  async *run({ steps, interval_seconds }: In<this>, ctx: Ctx<this>) {
    const first = ctx.resumedFrom ?? 0;
    for (let done = first + 1; done <= steps; done++) {
      await ctx.sleep(interval_seconds * 1000);
      await ctx.checkpoint(done); // on the disk before the next step begins
      yield { current: done, total: steps, message: `Step ${done} of ${steps} is saved` };
    }
    return { steps, resumed_from: ctx.resumedFrom ?? null };
  }
}
