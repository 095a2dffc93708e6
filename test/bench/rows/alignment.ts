// The alignment tasks on the simulated stage, over a clock that stands still: how many random starts reach the peak, how
// many points that takes, and how long it would take on the stage.
import { loadProfile } from "../../../src/hardware/profile.ts";
import { tryTask } from "../../../src/testing.ts";
import { AngleAdjustmentTask } from "../../../tasks/core/stage/angle_adjustment_task.ts";
import { FlatAlignmentTask } from "../../../tasks/core/stage/flat_alignment_task.ts";
import { FocusAlignmentTask } from "../../../tasks/core/stage/focus_alignment_task.ts";
import { randomOf } from "../../random.ts";
import { axisNames, type Place } from "../../services/alignment/bench.ts";
import { missedBy, randomStart, type Stated, stated } from "../../services/alignment/searches.ts";
import { median, quantile, sum } from "../figures.ts";
import type { Row } from "../row.ts";
import type { Stage } from "../stage.ts";

const tasks = { flat: FlatAlignmentTask, focus: FocusAlignmentTask, angle: AngleAdjustmentTask };
const goodShare = 98;

interface Run {
  readonly reached: boolean;
  readonly points: number;
  readonly seconds: number;
}

export async function alignment({ scale }: Stage): Promise<Row[]> {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = randomOf(seed);
  const note = `alignment: the default profile's stage and noise, tasks with their defaults, seed ${seed}; seconds are the stage's`;
  const rows: Row[] = [];
  for (const [name, claim] of Object.entries(stated)) {
    const runs: Run[] = [];
    while (runs.length < scale.alignments) {
      const meterSeed = Math.floor(random() * 2 ** 31);
      runs.push(
        await runFrom(tasks[name as keyof typeof tasks], claim, randomStart(claim, random), meterSeed),
      );
    }
    const seconds = runs.map((run) => run.seconds);
    const plain = { ceiling: null, goal: null, note } as const;
    rows.push(
      {
        what: `${name} alignment, random starts that reach the peak within tolerance`,
        measured: (100 * sum(runs.map(({ reached }) => (reached ? 1 : 0)))) / runs.length,
        unit: "%",
        ceiling: null,
        goal: { of: "measured", bound: "at least", value: goodShare },
        note,
      },
      {
        ...plain,
        what: `${name} alignment, points it takes, median`,
        measured: median(runs.map(({ points }) => points)),
        unit: "points",
      },
      {
        ...plain,
        what: `${name} alignment, time on the stage, median`,
        measured: median(seconds),
        unit: "s",
      },
      {
        ...plain,
        what: `${name} alignment, time on the stage, p98`,
        measured: quantile(seconds, 0.98),
        unit: "s",
      },
    );
  }
  return rows;
}

async function runFrom(taskClass: unknown, claim: Stated, start: Place, seed: number): Promise<Run> {
  const { devices: all } = await loadProfile("settings/devices", "simulated");
  const axes = axisNames.map((name) => {
    const begun = { [name.length > 1 ? "start_degrees" : "start_um"]: start[name] };
    return [name, { ...all[name], ...begun }] as const;
  });
  const devices = { ...Object.fromEntries(axes), power_meter: { ...all.power_meter, seed } };
  const trial = await tryTask(taskClass, {}, { devices } as Parameters<typeof tryTask>[2]);
  try {
    const ended = await trial.end();
    const positions = Object.entries(start).map(([name, at]) => {
      const { position_um, angle_degrees } = trial.devices.state(name);
      return [name, position_um ?? angle_degrees ?? at];
    });
    const reached =
      ended.to === "completed" && missedBy(claim, Object.fromEntries(positions) as Place).length === 0;
    return { reached, points: trial.told.progress.length, seconds: trial.clock.monotonic() / 1000 };
  } finally {
    await trial.close();
  }
}
