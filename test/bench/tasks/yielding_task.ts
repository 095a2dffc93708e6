// Reports progress as often as it can.
import { type In, Task, z } from "armature/task";
import { yieldFor } from "./_yields.ts";

export class YieldingTask extends Task.with({
  name: "yielding_task",
  parameters: z.object({ seconds: z.number() }),
}) {
  run({ seconds }: In<this>) {
    return yieldFor(seconds);
  }
}
