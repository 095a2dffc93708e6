// A move as its task tells of it: twenty times a second while it is under way, and once more when the axis stands still.
// While its task is paused the axis stands.
import type { AsyncContext, Movement } from "armature/task";

const everyMs = 50;
const units = { um: "µm", degrees: "degrees" } as const;

type Following = Pick<AsyncContext, "progress" | "partialResult" | "checkpoint" | "isPausing">;

/**
 * Resolves when the axis stands still at its target; where it does not get there, how far it came is the partial result.
 * @throws what the move ended with, when the axis stands still
 */
export async function follow(movement: Movement, ctx: Following): Promise<void> {
  try {
    while (!movement.isOver) {
      tell(movement, ctx);
      if (ctx.isPausing) await stand(movement, ctx);
      await movement.glance(everyMs);
    }
    tell(movement, ctx);
    await movement.ended;
  } catch (error) {
    ctx.partialResult(wayOf(movement));
    throw error;
  }
}

/** Still, while the task is paused. */
async function stand(movement: Movement, ctx: Following): Promise<void> {
  await movement.hold();
  tell(movement, ctx);
  await ctx.checkpoint();
  movement.goOn();
}

/** In the axis' unit; `travelled` and `requested` are signed. */
export const wayOf = ({ start, axis, travelled, requested }: Movement) => ({
  start: tidy(start),
  position: tidy(axis.position),
  travelled: tidy(travelled),
  requested: tidy(requested),
});

function tell(movement: Movement, ctx: Pick<AsyncContext, "progress">): void {
  const { axis, target, elapsedSeconds } = movement;
  const percent = percentOf(movement);
  const message = `${axis.name} is at ${tidy(axis.position)} of ${tidy(target)} ${units[axis.unit]}`;
  ctx.progress(percent, 100, message, {
    axis: axis.name,
    current_position: tidy(axis.position),
    target_position: tidy(target),
    progress_percent: percent,
    elapsed_time: Math.round(elapsedSeconds * 1000) / 1000,
    message,
  });
}

function percentOf({ requested, travelled, isOver }: Movement): number {
  if (requested === 0) return isOver ? 100 : 0;
  return Math.round(Math.max(0, Math.min(1, travelled / requested)) * 10_000) / 100;
}

/** Without the last bits of floating point: to a millionth. */
export const tidy = (value: number): number => Number(value.toFixed(6));
