// What is shown of how far a task is.
import { expect, test } from "vitest";
import { toProgress } from "../../src/task/progress.ts";

test("the percentage stays between 0 and 100, and what is left is finite, whatever a task tells", () => {
  for (const [current, total] of [
    [-5, 10],
    [15, 10],
    [1, -1],
    [1, 0],
    [Number.MAX_VALUE, 1],
    [-Number.MAX_VALUE, Number.MAX_VALUE],
    [Number.MIN_VALUE, Number.MAX_VALUE],
  ] as const) {
    const { percent, eta_seconds } = toProgress({ current, total }, 10, 0);
    if (percent !== null) expect(percent >= 0 && percent <= 100, `${current} of ${total}`).toBe(true);
    if (eta_seconds !== null) expect(Number.isFinite(eta_seconds), `${current} of ${total}`).toBe(true);
  }
});
