import { type Ctx, type In, Task, z } from "armature/task";
export class CountTask extends Task.with({
  name: "count_task",
  parameters: z.object({ steps: z.int().min(1).max(1000).default(10) }),
  uses: { camera: "exclusive", foo: "shared" },
  checkpoint: z.int(),
}) {
  async *run({ steps }: In<this>, ctx: Ctx<this>) {
    const p = await ctx.devices.camera.capture();
    p.bytes;
    const d: string = ctx.devices.foo.driver;
    // @ts-expect-error no such device
    ctx.devices.rotor;
    for (let i = ctx.resumedFrom ?? 0; i < steps; i++) {
      await ctx.sleep(100);
      yield { current: i + 1, total: steps, message: d, checkpoint: i + 1 };
    }
    return steps;
  }
}
export class B extends Task.with({ name: "b_task", isBlocking: true }) {
  run(_: In<this>, ctx: Ctx<this>) {
    ctx.sleep(5);
    // @ts-expect-error
    ctx.devices;
    return 1;
  }
}
export class Bad extends Task.with({ name: "bad_task", checkpoint: z.int() }) {
  // @ts-expect-error checkpoint is a string
  async *run(_: In<this>, ctx: Ctx<this>) {
    yield { current: 1, checkpoint: "a" };
  }
}
