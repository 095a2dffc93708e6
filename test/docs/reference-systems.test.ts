import { expect, test } from "vitest";
import { read } from "./page.ts";

const page = read("docs/reference-systems.md");
const proofs = [...page.matchAll(/`(test\/[\w./-]+)` "([^"]+)"/g)].map(([, file, title]) => ({
  file: file ?? "",
  title: title ?? "",
}));

test("each of the sixteen faults has its line", () => {
  const numbers = [...page.matchAll(/^\| (\d+) +\|/gm)].map((match) => Number(match[1]));
  expect(numbers).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
});

test.each(proofs)("$file has the test '$title'", ({ file, title }) => {
  expect(read(file)).toContain(`"${title}"`);
});
