// Tasks that wait to be cancelled: at a wait, with a look at the signal, and not at all.
import { type Ctx, type In, Task, z } from "armature/task";

const long = 3_600_000;

export class SleepingTask extends Task.with({ name: "sleeping_task" }) {
  async run(_: In<this>, ctx: Ctx<this>) {
    await ctx.sleep(long);
  }
}

export class SleepingBlockingTask extends Task.with({ name: "sleeping_blocking_task", isBlocking: true }) {
  run(_: In<this>, ctx: Ctx<this>) {
    ctx.sleep(long);
  }
}

export class LookingTask extends Task.with({ name: "looking_task", isBlocking: true }) {
  run(_: In<this>, ctx: Ctx<this>) {
    while (!ctx.signal.aborted);
  }
}

/** Says that it is up: a process takes a while. */
export class IsolatedIgnoringTask extends Task.with({
  name: "isolated_ignoring_task",
  isBlocking: true,
  lane: "isolated",
  cancelGraceSeconds: 0,
}) {
  run(_: In<this>, ctx: Ctx<this>) {
    ctx.progress(1);
    for (;;);
  }
}

export class IgnoringTask extends Task.with({
  name: "ignoring_task",
  isBlocking: true,
  cancelGraceSeconds: 0,
  parameters: z.object({}),
}) {
  run() {
    for (;;);
  }
}
