import { expect, test } from "vitest";
import { catalogue } from "../../src/errors/catalogue.ts";
import { pageAndCurrent } from "./generated.ts";
import { sectionsOf } from "./page.ts";

const { page, current } = pageAndCurrent("docs/errors.md");
const sections = sectionsOf(page).filter(({ level }) => level === 3);

test("every code has a section, and every section is a code", () => {
  expect(sections.map(({ title }) => title)).toEqual(Object.keys(catalogue));
});

test("sentence, kind, status and remedy are those of the catalogue (npm run docs)", () => {
  expect(page).toBe(current);
});

test.each(sections)("$title says when it happens", ({ text }) => {
  expect(/^When: (.*)$/m.exec(text)?.[1]).toMatch(/\S.*\.$/);
});
