// Brings one axis home, where it knows again where it stands.
import { type Ctx, type Device, type In, Task, z } from "armature/task";
import { follow, wayOf } from "./_movement.ts";
import { deviceThatIs } from "./_parameters.ts";

export class HomingTask extends Task.with({
  name: "homing_task",
  description: "Brings an axis home",
  parameters: z.object({ axis: deviceThatIs("homeable", "The axis: a device that can go home") }),
  result: z.object({ axis: z.string(), unit: z.enum(["um", "degrees"]), position: z.number() }),
  uses: ({ axis }) => ({ [axis]: "exclusive" }),
  cancelGraceSeconds: 30, // time to brake
}) {
  async run({ axis: name }: In<this>, ctx: Ctx<this>) {
    const movement = ctx.services.motion.home(ctx.devices[name] as Device);
    await follow(movement, ctx);
    return { axis: name, unit: movement.axis.unit, position: wayOf(movement).position };
  }
}
