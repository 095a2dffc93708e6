// 1. The smallest useful task: it waits, tells how far it is, and returns something.
import { type Ctx, type In, Task, z } from "armature/task";

export class HelloWorldAsyncTask extends Task.with({
  name: "hello_world_async_task",
  description: "Counts to total_steps in the event loop and says hello at the end.",
  parameters: z.object({
    total_steps: z.int().min(1).max(10_000).default(5).describe("How many steps to take"),
    delay_seconds: z.number().min(0).max(3600).default(0.5).describe("How long each step takes, in seconds"),
  }),
}) {
  async run({ total_steps, delay_seconds }: In<this>, ctx: Ctx<this>) {
    for (let step = 1; step <= total_steps; step++) {
      await ctx.sleep(delay_seconds * 1000); // throws when the task is cancelled
      ctx.progress(step, total_steps, `Step ${step} of ${total_steps}`);
      await ctx.checkpoint(); // here it pauses
    }
    return { message: "Hello, world!", steps: total_steps };
  }
}
