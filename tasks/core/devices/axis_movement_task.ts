// Moves one axis, whichever the machine has: to a place or by a distance, and tells where it is on its way.
import { type Ctx, type Device, type In, Task, z } from "armature/task";
import { follow, wayOf } from "./_movement.ts";
import { deviceThatIs } from "./_parameters.ts";

const parameters = z
  .object({
    axis: deviceThatIs("movable", "The axis: a device that can move"),
    position: z
      .number()
      .optional()
      .meta({ position_of: "axis", description: "Where to, in the axis' unit: µm or degrees" }),
    distance: z.number().optional().meta({
      distance_of: "axis",
      description: "Or how far from where it stands, signed, in the same unit",
    }),
    speed: z
      .number()
      .positive()
      .optional()
      .describe("Units per second, at most the axis' top speed, which is the default"),
  })
  .refine(({ position, distance }) => (position === undefined) !== (distance === undefined), {
    path: ["position"],
    error: "give either position or distance",
  });

const inUnits = z.number().describe("In the axis' unit");

export class AxisMovementTask extends Task.with({
  name: "axis_movement_task",
  description: "Moves an axis to a position or by a distance",
  parameters,
  result: z.object({
    axis: z.string(),
    unit: z.enum(["um", "degrees"]),
    start: inUnits,
    position: inUnits,
    travelled: inUnits,
    requested: inUnits,
  }),
  uses: ({ axis }) => ({ [axis]: "exclusive" }),
  cancelGraceSeconds: 30, // time to brake
}) {
  async run({ axis: name, position, distance = 0, speed }: In<this>, ctx: Ctx<this>) {
    const axis = ctx.devices[name] as Device;
    const target = position === undefined ? { distance } : { position };
    const movement = ctx.services.motion.move(axis, { ...target, ...(speed !== undefined && { speed }) });
    await follow(movement, ctx);
    return { axis: name, unit: movement.axis.unit, ...wayOf(movement) };
  }
}
