// Switches one device on or off.
import { type Ctx, type Device, demand, type In, Task, z } from "armature/task";
import { deviceThatIs } from "./_parameters.ts";

export class SwitchTask extends Task.with({
  name: "switch_task",
  description: "Switches a device on or off",
  parameters: z.object({
    device: deviceThatIs("switchable", "A device that can be switched"),
    on: z.boolean().describe("true switches it on"),
  }),
  result: z.object({ device: z.string(), is_on: z.boolean() }),
  uses: ({ device }) => ({ [device]: "exclusive" }),
}) {
  async run({ device, on }: In<this>, ctx: Ctx<this>) {
    const switchable = demand(ctx.devices[device] as Device, "switchable");
    await (on ? switchable.turnOn() : switchable.turnOff());
    return { device, is_on: switchable.isOn };
  }
}
