// What the typed contract infers and catches. Nothing runs here: `npm run types` (part of `npm run check`) compiles it,
// and fails both when something sound is refused and when an expected mistake below is no longer caught.
import { type AsyncContext, type BlockingContext, type Ctx, type In, Task, z } from "armature/task";
import { ScriptTask } from "../fixtures/tasks/good/script_task.js";

export class CountTask extends Task.with({
  name: "count_task",
  parameters: z.object({ steps: z.int().min(1).max(1000).default(10), label: z.string().optional() }),
  uses: { camera: "exclusive", foo: "shared" },
  checkpoint: z.int(),
}) {
  async *run({ steps, label }: In<this>, ctx: Ctx<this>) {
    const photo = await ctx.devices.camera.capture();
    photo.bytes satisfies Uint8Array;
    ctx.devices.foo.driver satisfies string;
    // @ts-expect-error it is not among `uses`
    ctx.devices.rotor;
    // @ts-expect-error it may be absent
    label.length;
    for (let i = ctx.resumedFrom ?? 0; i < steps; i++) {
      await ctx.sleep(100);
      yield { current: i + 1, total: steps, message: label ?? "", checkpoint: i + 1 };
    }
    return steps;
  }
}

CountTask.taskName satisfies "count_task";
// @ts-expect-error there is no such parameter
export type Wrong = In<CountTask>["stpes"];

export class BlockingTask extends Task.with({ name: "blocking_task", isBlocking: true }) {
  run(_: In<this>, ctx: Ctx<this>) {
    // @ts-expect-error nothing to wait for: it is synchronous
    ctx.sleep(5).then;
    // @ts-expect-error devices belong to async and isolated tasks
    ctx.devices;
    return 1;
  }
}

export class BlockingGeneratorTask extends Task.with({
  name: "blocking_generator_task",
  isBlocking: true,
  parameters: z.object({ n: z.int() }),
}) {
  *run({ n }: In<this>, _: Ctx<this>) {
    yield { current: 1, total: n };
    return n;
  }
}

export class WrongCheckpointTask extends Task.with({ name: "wrong_checkpoint_task", checkpoint: z.int() }) {
  // @ts-expect-error the checkpoint is a text
  async *run(_: In<this>, __: Ctx<this>) {
    yield { current: 1, checkpoint: "a" };
  }
}

export class SynchronousTask extends Task.with({ name: "synchronous_task" }) {
  // @ts-expect-error run has to be async, or the task blocking
  run(_: In<this>) {
    return 1;
  }
}

// @ts-expect-error a name is required
Task.with({ parameters: z.object({}) });
// @ts-expect-error parameters are a zod object
Task.with({ name: "array_task", parameters: z.array(z.int()) });

// A plain class types itself: statics and run are all the runtime reads.
const parameters = z.object({ seconds: z.number() });
export class PlainTask {
  static taskName = "plain_task";
  static parameters = parameters;
  static uses = { light: "shared" } as const;

  async run({ seconds }: z.output<typeof parameters>, ctx: AsyncContext<number, typeof PlainTask.uses>) {
    await ctx.devices.light.turnOn();
    // @ts-expect-error it is not among `uses`
    ctx.devices.camera;
    await ctx.sleep(seconds * 1000);
  }
}
export class PlainBlockingTask {
  static taskName = "plain_blocking_task";
  static isBlocking = true;

  run(_: object, ctx: BlockingContext): boolean {
    return ctx.isCancelled();
  }
}

// A JavaScript file is used with what TypeScript reads out of it.
ScriptTask.taskName satisfies string;
ScriptTask.parameters.parse({}).times satisfies number;

export class AxisTask extends Task.with({
  name: "axis_task",
  parameters: z.object({ axis: z.enum(["x", "y"]) }),
  uses: ({ axis }) => ({ [axis]: "exclusive", camera: "shared" }),
}) {
  async run({ axis }: In<this>, ctx: Ctx<this>) {
    ctx.devices[axis]?.driver satisfies string | undefined;
    await ctx.devices.camera.capture();
  }
}

// @ts-expect-error there is no such parameter
Task.with({ name: "wrong_uses_task", parameters: z.object({}), uses: ({ axis }) => ({ [axis]: "shared" }) });
// @ts-expect-error neither exclusive nor shared
Task.with({ name: "wrong_mode_task", uses: { camera: "mine" } });
