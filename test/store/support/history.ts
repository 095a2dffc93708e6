// A few dozen changes as a machine makes them: tasks come, run, end and are forgotten; the queue is paused.
import { below, type Random } from "../../random.ts";
import type { Step } from "./witness.ts";

export function historyOf(random: Random, length: number): Step[] {
  const steps: Step[] = [];
  let made = 0;
  let alive: string[] = [];
  for (let n = 0; n < length; n++) {
    const pick = random();
    const known = alive[below(random, alive.length)];
    if (known === undefined || pick < 0.35) {
      const ids = Array.from({ length: random() < 0.2 ? 3 : 1 }, () => `t${++made}`);
      alive.push(...ids);
      steps.push({ verb: "save", values: Object.fromEntries(ids.map((id) => [id, `${n}: made`])) });
    } else if (pick < 0.55) steps.push({ verb: "save", values: { [known]: `${n}: saved` } });
    else if (pick < 0.8) steps.push({ verb: "insist", values: { [known]: `${n}: ended ü` } });
    else if (pick < 0.92) {
      steps.push({ verb: "remove", ids: [known] });
      alive = alive.filter((id) => id !== known);
    } else steps.push({ verb: "pause", paused: random() < 0.5 });
  }
  return steps;
}
