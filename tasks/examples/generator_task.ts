// 2. Progress as yields: a generator pauses and stops at every yield, and its return value is the result.
import { type Ctx, type In, Task, z } from "armature/task";

export class GeneratorTask extends Task.with({
  name: "generator_task",
  description: "Yields its progress step by step.",
  parameters: z.object({
    total_steps: z.int().min(1).max(10_000).default(10).describe("How many steps to take"),
    interval_seconds: z.number().min(0).max(3600).default(0.5).describe("Time between two steps, in seconds"),
  }),
}) {
  async *run({ total_steps, interval_seconds }: In<this>, ctx: Ctx<this>) {
    for (let step = 1; step <= total_steps; step++) {
      await ctx.sleep(interval_seconds * 1000);
      yield { current: step, total: total_steps, message: `Step ${step} of ${total_steps}` };
    }
    return { steps: total_steps };
  }
}
