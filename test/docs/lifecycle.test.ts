import { expect, test } from "vitest";
import { activeStatuses, lifecycle, statuses } from "../../src/task/lifecycle.ts";
import { pageAndCurrent } from "./generated.ts";

const { page, current } = pageAndCurrent("docs/lifecycle.md");

test("diagram and table are made from the table of the code (npm run docs)", () => {
  expect(page).toBe(current);
});

test("the diagram has every arrow once", () => {
  const arrows = [...page.matchAll(/^ {4}(\w+) --> (\w+)$/gm)].map(([, from, to]) => `${from} ${to}`);
  const expected = Object.entries(lifecycle).flatMap(([from, targets]) =>
    targets.map((to) => `${from} ${to}`),
  );
  expect(arrows.sort()).toEqual(expected.sort());
});

test("every status is explained, with whether it holds its place", () => {
  const rows = [...page.matchAll(/^\| `(\w+)` +\| [^|]+ \| (yes|no) +\|$/gm)];
  expect(rows.map((row) => row[1])).toEqual(statuses.toSorted(inOrderOf(rows.map((row) => row[1] ?? ""))));
  for (const [, status, holds] of rows)
    expect(holds, status).toBe(activeStatuses.some((active) => active === status) ? "yes" : "no");
});

const inOrderOf =
  (names: readonly string[]) =>
  (a: string, b: string): number =>
    names.indexOf(a) - names.indexOf(b);
