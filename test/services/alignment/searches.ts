// The searches of the three alignment tasks as they are by default, and what docs/alignment.md states of them.
import type { PeakSearch } from "../../../src/task/alignment.ts";
import type { Random } from "../../random.ts";
import { type AxisName, axisNames, type Place, peak, powerAt, type Stage } from "./bench.ts";

export interface Stated {
  /** How far from the peak each axis may stand at the start, to either side. */
  readonly within: Place;
  /** How near each axis comes to where there is most light for the axes that are not moved. */
  readonly tolerance: Partial<Place>;
  search(stage: Stage): PeakSearch;
}

const common = { readings: 8, thresholdUw: null, rounds: 10 } as const;

export const stated: Readonly<Record<"flat" | "focus" | "angle", Stated>> = {
  flat: {
    within: { x: 90, y: 90, z: 50, tx: 1, ty: 1, tz: 5 },
    tolerance: { x: 0.1, y: 0.1 },
    search: (stage) => ({
      ...common,
      meter: stage.meter,
      axes: flatAxes(stage),
      field: { axes: ["x", "y"], pitch: 15 },
    }),
  },
  focus: {
    within: { x: 2, y: 2, z: 270, tx: 1, ty: 1, tz: 5 },
    tolerance: { z: 1 },
    search: (stage) => ({
      ...common,
      meter: stage.meter,
      axes: [{ device: stage.axis("z"), range: 300, step: 10, tolerance: 1 }],
      field: { axes: ["z"], pitch: 50 },
    }),
  },
  angle: {
    within: { x: 50, y: 50, z: 50, tx: 2, ty: 2, tz: 2 },
    tolerance: { tx: 0.05, ty: 0.05, tz: 1 },
    search: (stage) => ({
      ...common,
      meter: stage.meter,
      axes: [
        ...flatAxes(stage).map((one) => ({ ...one, isFollower: true })),
        ...(["tx", "ty", "tz"] as const).map((name) => ({
          ...{ device: stage.axis(name), range: 4, step: 0.5, tolerance: 0.1 },
        })),
      ],
      field: { axes: ["x", "y"], pitch: 15 },
    }),
  },
};

const flatAxes = (stage: Stage) =>
  (["x", "y"] as const).map((name) => ({ device: stage.axis(name), range: 100, step: 2, tolerance: 0.1 }));

export function randomStart({ within }: Stated, random: Random): Place {
  const about = (name: AxisName): number => peak[name] + (2 * random() - 1) * within[name];
  return Object.fromEntries(axisNames.map((name) => [name, about(name)])) as Place;
}

/** The axes that stand further from the peak than stated, and by how much. */
export function missedBy({ tolerance }: Stated, place: Place): string[] {
  const names = Object.keys(tolerance) as AxisName[];
  const best = optimumNear(place, names.includes("tx") ? ["x", "y", ...names] : names);
  return names.flatMap((name) => {
    const by = Math.abs(place[name] - best[name]);
    return by > (tolerance[name] as number) ? [`${name} by ${by.toFixed(3)}`] : [];
  });
}

/** Where there is most light when only `names` are moved: Newton's steps from near it, without noise. */
function optimumNear(place: Place, names: readonly AxisName[]): Place {
  const best = { ...place };
  for (let round = 0; round < 300; round++)
    for (const name of names) {
      const step = name === "tz" ? 0.1 : 0.01;
      const log = (by: number): number => Math.log(powerAt({ ...best, [name]: best[name] + by }));
      const [below, here, above] = [log(-step), log(0), log(step)];
      best[name] -= (step * (above - below)) / 2 / (above - 2 * here + below);
    }
  return best;
}
