// Moves the microscope's stage: all axes at once, and tells where they are.
import { type Ctx, type In, Task, z } from "armature/task";
import { tidy } from "../devices/_movement.ts";

const tellEveryMs = 50;

const position = (axis: string) =>
  z.number().meta({ position_of: `microscope_${axis}`, description: `Where ${axis} is to go, in µm` });

const place = z.object({ x: z.number(), y: z.number(), z: z.number() });

export class MoveStageTask extends Task.with({
  name: "move_stage_task",
  description: "Moves the microscope's stage to a place",
  parameters: z.object({ x: position("x"), y: position("y"), z: position("z").default(0) }),
  result: z.object({ new_position: place.describe("In µm") }),
  uses: {
    microscope: "exclusive",
    microscope_x: "exclusive",
    microscope_y: "exclusive",
    microscope_z: "exclusive",
  },
  cancelGraceSeconds: 30, // time to brake
}) {
  async run(target: In<this>, ctx: Ctx<this>) {
    const { microscope_x, microscope_y, microscope_z } = ctx.devices;
    const { motion } = ctx.services;
    const axes = { x: microscope_x, y: microscope_y, z: microscope_z };
    const whereItIs = () => ({
      x: tidy(axes.x.positionUm),
      y: tidy(axes.y.positionUm),
      z: tidy(axes.z.positionUm),
    });
    const moves = [
      motion.move(axes.x, { position: target.x }),
      motion.move(axes.y, { position: target.y }),
      motion.move(axes.z, { position: target.z }),
    ];
    const requested = moves.reduce((sum, move) => sum + Math.abs(move.requested), 0);
    const tell = (): void => {
      const travelled = moves.reduce((sum, move) => sum + Math.abs(move.travelled), 0);
      const percent =
        requested === 0 ? 100 : Math.min(100, Math.round((travelled / requested) * 10_000) / 100);
      ctx.progress(percent, 100, "Moving the stage", { position: whereItIs(), target });
    };
    for (let under = moves; under.length > 0; under = under.filter(({ isOver }) => !isOver)) {
      tell();
      await Promise.race(under.map((move) => move.glance(tellEveryMs)));
    }
    tell();
    try {
      await motion.together(moves.map(({ ended }) => ended));
    } catch (error) {
      ctx.partialResult({ position: whereItIs() });
      throw error;
    }
    return { new_position: whereItIs() };
  }
}
