// A blocking task that needs a processor for as long as it is told.
import { type In, Task, z } from "armature/task";
import { spin } from "./_spin.mjs";

export class SpinningTask extends Task.with({
  name: "spinning_task",
  isBlocking: true,
  parameters: z.object({ rounds: z.int() }),
}) {
  run({ rounds }: In<this>) {
    return spin(rounds);
  }
}
