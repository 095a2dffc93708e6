// Sends one pulse, to a camera that keeps its photos say.
import { type Ctx, type Device, demand, type In, Task, z } from "armature/task";
import { deviceThatIs } from "./_parameters.ts";

export class TriggerTask extends Task.with({
  name: "trigger_task",
  description: "Sends one pulse, to release a camera say",
  parameters: z.object({
    device: deviceThatIs("triggerable", "A device that sends pulses").default("trigger"),
  }),
  result: z.object({ device: z.string() }),
  uses: ({ device }) => ({ [device]: "exclusive" }),
}) {
  async run({ device }: In<this>, ctx: Ctx<this>) {
    await demand(ctx.devices[device] as Device, "triggerable").trigger();
    return { device };
  }
}
