// What the tasks that look for light have in common: parameters, progress, result.
import { type AsyncContext, type FoundPeak, type ProgressUpdate, type SearchStep, z } from "armature/task";
import { tidy } from "../devices/_movement.ts";
import { deviceThatIs } from "../devices/_parameters.ts";

export const powerMeter = deviceThatIs("measuring", "A device that measures power").default("power_meter");
export const readings = z
  .int()
  .min(3)
  .max(1000)
  .default(8)
  .describe("Readings at each point; their mean counts, and their spread is the noise");

/** Of every search. */
export const searchParameters = {
  power_meter: powerMeter,
  readings,
  threshold_uw: z
    .number()
    .positive()
    .optional()
    .describe("What counts as light; default: six times the noise of a point"),
  max_rounds: z.int().min(1).max(50).default(10).describe("Rounds over all axes, at most"),
};

export const axisNames = (least: number, most: number) =>
  z
    .array(deviceThatIs("movable", "An axis"))
    .min(least)
    .max(most)
    .refine((names) => new Set(names).size === names.length, "names an axis twice");

const mostFieldPoints = 100_000;

/** Refuses a field that nobody lives to see searched. */
export const isBearable = (axes: number, range: number, pitch: number): boolean =>
  (2 * Math.floor(range / pitch) + 1) ** axes <= mostFieldPoints;

export const unbearable = {
  path: ["field_pitch_um"],
  error: `makes a field of more than ${mostFieldPoints} points: choose a larger pitch or a smaller range`,
};

/** Every axis and the meter, for this task alone. */
export const claimsOf = (names: readonly string[]): Record<string, "exclusive"> =>
  Object.fromEntries(names.map((name) => [name, "exclusive"]));

const positions = z.record(z.string(), z.number()).describe("By axis, in its own unit: µm or degrees");
const place = z.object({ positions, power_uw: z.number() });

export const searchResult = place.extend({
  start: place.describe("Where it began"),
  uncertainties: z
    .record(z.string(), z.number().nullable())
    .describe("How well each position is known (1 sigma); null where the power does not depend on it"),
  at_range_end: z
    .array(z.string())
    .describe("Axes along which the power still rises at the end of the range"),
  is_settled: z.boolean().describe("False: the last round still moved an axis; more rounds may find more"),
  rounds: z.int(),
  points: z.int().describe("Points that were measured"),
  elapsed_time: z.number().describe("Seconds"),
});

/** Tells of a search while it runs, and of what it has found. */
export async function* told(
  search: AsyncGenerator<SearchStep, FoundPeak, void>,
  ctx: Pick<AsyncContext, "partialResult" | "log">,
): AsyncGenerator<ProgressUpdate, z.infer<typeof searchResult>, void> {
  const peak = yield* phases(search, (step) => ctx.partialResult(standing(step)));
  if (!peak.isSettled) ctx.log.warn(`not settled after ${peak.rounds} rounds`);
  for (const name of peak.atRangeEnd) ctx.log.warn(`${name}: the power still rises at the end of the range`);
  return {
    ...placeOf(peak),
    start: placeOf(peak.start),
    uncertainties: peak.uncertainties,
    at_range_end: [...peak.atRangeEnd],
    is_settled: peak.isSettled,
    rounds: peak.rounds,
    points: peak.points,
    elapsed_time: tidy(peak.elapsedSeconds),
  };
}

/** Every step as progress. @param keep is handed each step before it is told */
export async function* phases<Result>(
  steps: AsyncGenerator<SearchStep, Result, void>,
  keep: (step: SearchStep) => void,
): AsyncGenerator<ProgressUpdate, Result, void> {
  for (;;) {
    const next = await steps.next();
    if (next.done) return next.value;
    keep(next.value);
    yield progressOf(next.value);
  }
}

function progressOf(step: SearchStep): ProgressUpdate {
  const progress_percent = Math.round(step.percent * 100) / 100;
  const message = `Phase: ${step.phase}`;
  return {
    current: progress_percent,
    total: 100,
    message,
    data: {
      phase: step.phase,
      phase_description: step.description,
      elapsed_time: tidy(step.elapsedSeconds),
      progress_percent,
      message,
      ...standing(step),
    },
  };
}

const standing = (step: SearchStep) => ({ ...placeOf(step), best: placeOf(step.best) });

const placeOf = ({ positions: at, powerUw }: Pick<SearchStep, "positions" | "powerUw">) => ({
  positions: Object.fromEntries(Object.entries(at).map(([name, position]) => [name, tidy(position)])),
  power_uw: tidy(powerUw),
});
