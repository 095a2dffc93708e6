import { expect, test } from "vitest";
import { read, sectionsOf } from "./page.ts";

test("every reason to wait has its section, and every section is a reason", () => {
  const source = read("src/engine/admission.ts");
  const union = /export type Because =([^;]+);/.exec(source)?.[1] ?? "";
  const codes = [...union.matchAll(/"(\w+)"/g)].map((match) => match[1]);
  expect(codes.length).toBeGreaterThan(0);
  const sections = sectionsOf(read("docs/scheduling.md")).filter(({ level }) => level === 3);
  expect(sections.map(({ title }) => title).toSorted()).toEqual(codes.toSorted());
});
