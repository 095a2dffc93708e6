// The search for light against the model of the beam: no clock, no motor, a hundred random starts at a time.
import { expect, test } from "vitest";
import { createAlignment } from "../../../src/services/alignment/alignment.ts";
import type { FoundPeak, PeakSearch, SearchStep } from "../../../src/task/alignment.ts";
import { FakeClock } from "../../fake-clock.ts";
import { randomOf } from "../../random.ts";
import { type AxisName, type Place, Stage } from "./bench.ts";
import { optimumNear, randomStart, type Stated, stated } from "./searches.ts";

const { findPeak } = createAlignment(new FakeClock());

async function found(search: PeakSearch): Promise<{ peak: FoundPeak; steps: SearchStep[] }> {
  const running = findPeak(search);
  const steps: SearchStep[] = [];
  for (;;) {
    const next = await running.next();
    if (next.done) return { peak: next.value, steps };
    steps.push(next.value);
  }
}

function missedBy({ tolerance }: Stated, place: Place): string[] {
  const names = Object.keys(tolerance) as AxisName[];
  const best = optimumNear(place, names.includes("tx") ? ["x", "y", ...names] : names);
  return names.flatMap((name) => {
    const by = Math.abs(place[name] - best[name]);
    return by > (tolerance[name] as number) ? [`${name} by ${by.toFixed(3)}`] : [];
  });
}

const starts = 100;

test.each(Object.entries(stated))(
  "%s alignment reaches the peak from everywhere it says",
  async (_, claim) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = randomOf(seed);
    const missed: string[] = [];
    for (let run = 0; run < starts; run++) {
      const stage = new Stage({ start: randomStart(claim, random), seed: Math.floor(random() * 2 ** 31) });
      const { peak: result } = await found(claim.search(stage));
      const by = missedBy(claim, stage.place);
      if (by.length > 0) missed.push(`start ${run}: ${by.join(", ")}, settled: ${result.isSettled}`);
    }
    expect(missed.length, `seed ${seed}: ${missed.join("; ")}`).toBeLessThanOrEqual(2);
  },
);
