// 6. Failure: what a task throws is its error; the runtime and all other tasks go on.
import { type Ctx, type In, Task, z } from "armature/task";

export class FailingTask extends Task.with({
  name: "failing_task",
  description: "Fails with the message it is given.",
  parameters: z.object({
    error_message: z.string().min(1).default("This task fails on purpose").describe("What it fails with"),
  }),
}) {
  async run({ error_message }: In<this>, ctx: Ctx<this>) {
    ctx.progress(1, 2, "About to fail");
    throw new Error(error_message);
  }
}
