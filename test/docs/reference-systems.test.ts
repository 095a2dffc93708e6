import { describe, expect, test } from "vitest";
import { documentOf } from "../system/reference/documents.ts";
import { proseOf, read, sectionsOf } from "./page.ts";

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

/** As a person reads it: without the marks of Markdown. */
const plain = (text: string): string => text.replace(/[*`]|^(\[ \]|✅) /g, "").trim();

/** What the page quotes of a document, in its own words or their beginning. */
const quotesIn = (part: string): string[] => [...part.matchAll(/“([^”]+)”/g)].map(([, quote = ""]) => quote);

/** Why there was a problem, and where to read on, is nothing to do. */
const elsewhere = /^(Problem Statement|References)$/;

const listed = (document: string): string[] =>
  sectionsOf(proseOf(document))
    .filter(({ title }) => !elsewhere.test(title))
    .flatMap(({ text }) => [...text.matchAll(/^ *(?:-|\d+\.) (.+)$/gm)].map(([, item = ""]) => plain(item)));

/** Tests and scripts that are tests; not the files in which tests stand. */
const namedTests = (document: string): string[] => [
  ...new Set(document.match(/(?<!tests\/|refactor\/)\btest_\w+/g)),
];

describe.each([
  ["000", "The alignment stage"],
  ["001", "EngineManager"],
  ["002", "StoryCore"],
  ["003", "OpenScan3"],
  ["004", "ailf.async_tasks"],
])("document %s", (number, title) => {
  const document = documentOf(number);
  const [, part = ""] = page.split(`\n## ${title}\n`);
  const [own = ""] = part.split("\n## ");
  const quotes = quotesIn(own);
  const items = listed(document);

  test("every item of its lists is quoted, by its beginning at least", () => {
    expect(items.length).toBeGreaterThan(10);
    expect(items.filter((item) => !quotes.some((quote) => item.startsWith(quote)))).toEqual([]);
  });

  test("what is quoted stands there", () => {
    const lines = document
      .split("\n")
      .map((line) => plain(line.replace(/^ *(-|\d+\.|#+) (\[ \] |✅ )?/, "")));
    expect(quotes.filter((quote) => !lines.some((line) => line.startsWith(quote)))).toEqual([]);
  });

  test("no quotation is so short that it could be anything", () => {
    expect(quotes.filter((quote) => quote.length < 6)).toEqual([]);
  });

  test("each test it names has its row", () => {
    expect(namedTests(document).filter((name) => !own.includes(name))).toEqual([]);
  });

  test("each row names a test", () => {
    const rows = own.split("\n").filter((line) => line.startsWith("| “"));
    expect(rows.filter((row) => !row.includes("`test/"))).toEqual([]);
  });
});
