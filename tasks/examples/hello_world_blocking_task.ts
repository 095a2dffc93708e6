// 3. Work that keeps a processor busy runs in a worker: isBlocking, and a context whose calls do not need await.
import { type Ctx, type In, Task, z } from "armature/task";

export class HelloWorldBlockingTask extends Task.with({
  name: "hello_world_blocking_task",
  description: "Keeps a worker busy for a while; the event loop stays free.",
  isBlocking: true,
  parameters: z.object({
    duration_seconds: z.number().min(0).max(3600).default(2).describe("How long to work, in seconds"),
  }),
}) {
  run({ duration_seconds }: In<this>, ctx: Ctx<this>) {
    const steps = 10;
    for (let step = 1; step <= steps; step++) {
      ctx.sleep((duration_seconds * 1000) / steps); // stands for a long calculation
      ctx.progress(step, steps, `Part ${step} of ${steps}`);
      ctx.checkpoint(); // here it pauses, and stops when it is cancelled
    }
    return { message: "Hello from a worker!", duration_seconds };
  }
}
