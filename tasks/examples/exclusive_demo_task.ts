// 4. isExclusive: it starts when nothing else runs, and nothing else starts until it has really ended.
import { type Ctx, type In, Task, z } from "armature/task";

export class ExclusiveDemoTask extends Task.with({
  name: "exclusive_demo_task",
  description: "Has the machine to itself for a while.",
  isExclusive: true,
  parameters: z.object({
    duration_seconds: z
      .number()
      .min(0)
      .max(3600)
      .default(5)
      .describe("How long to hold the machine, in seconds"),
  }),
}) {
  async *run({ duration_seconds }: In<this>, ctx: Ctx<this>) {
    const steps = 10;
    try {
      for (let step = 1; step <= steps; step++) {
        await ctx.sleep((duration_seconds * 1000) / steps);
        yield { current: step, total: steps, message: "Nothing else runs" };
      }
      return { held_seconds: duration_seconds };
    } finally {
      // Whatever happens this runs before the next task starts: the place to bring a machine home.
      ctx.log.info("The machine is free again");
    }
  }
}
