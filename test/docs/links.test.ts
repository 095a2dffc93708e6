import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { anchorOf, linksOf, projectRoot, proseOf, read, sectionsOf } from "./page.ts";

const pages = [
  "README.md",
  "CHANGELOG.md",
  "community-tasks/README.md",
  ...readdirSync(path.join(projectRoot, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => path.join("docs", name))
    .sort(),
];

test.each(pages)("%s: relative links lead somewhere, and anchors to a heading", (page) => {
  const broken = linksOf(read(page)).filter((link) => !/^https?:/.test(link) && !leadsSomewhere(page, link));
  expect(broken).toEqual([]);
});

function leadsSomewhere(page: string, link: string): boolean {
  const [file = "", anchor] = link.split("#");
  const target = file === "" ? page : path.join(path.dirname(page), file);
  if (!existsSync(path.join(projectRoot, target))) return false;
  if (anchor === undefined) return true;
  return sectionsOf(read(target)).some(({ title }) => anchorOf(title) === anchor);
}

const folders = /^(?:src|test|docs|tasks|settings|community-tasks)\/[\w./-]*$/;

test.each(pages)("%s: files of the project that it names are there", (page) => {
  const named = [...proseOf(read(page)).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
  const missing = named.filter((name) => folders.test(name) && !existsSync(path.join(projectRoot, name)));
  expect(missing.filter((name) => !isWritten(name))).toEqual([]);
});

/** What the reader is told to write. */
const isWritten = (name: string): boolean => /^community-tasks\/\w+_task\.ts$/.test(name);

test("every page of docs can be reached from the README", () => {
  const reached = new Set<string>();
  const follow = (page: string): void => {
    if (reached.has(page) || !page.endsWith(".md")) return;
    reached.add(page);
    for (const link of linksOf(read(page))) {
      if (/^(https?:|#)/.test(link)) continue;
      const target = path.normalize(path.join(path.dirname(page), link.split("#")[0] ?? ""));
      if (target.startsWith("docs")) follow(isFolder(target) ? path.join(target, "README.md") : target);
    }
  };
  follow("README.md");
  expect(pages.filter((page) => page.startsWith("docs") && !reached.has(page))).toEqual([]);
});

const isFolder = (name: string): boolean =>
  statSync(path.join(projectRoot, name), { throwIfNoEntry: false })?.isDirectory() ?? false;
