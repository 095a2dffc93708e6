// A Markdown page as the tests read it: headings, code blocks, links, generated parts. Knows nothing of what it says.
import { readFileSync } from "node:fs";
import path from "node:path";

export const projectRoot = path.resolve(import.meta.dirname, "../..");

/** @param name relative to the project, as in `docs/errors.md` */
export const read = (name: string): string => readFileSync(path.join(projectRoot, name), "utf8");

export interface Section {
  readonly level: number;
  readonly title: string;
  /** What stands between this heading and the next one of any level. */
  readonly text: string;
}

export function sectionsOf(page: string): Section[] {
  const sections: { level: number; title: string; lines: string[] }[] = [];
  let fenced = false;
  for (const line of page.split("\n")) {
    if (line.startsWith("```")) fenced = !fenced;
    const heading = fenced ? null : /^(#{1,6}) (.+)$/.exec(line);
    if (heading) {
      sections.push({ level: heading[1]?.length ?? 0, title: heading[2] ?? "", lines: [] });
    } else sections.at(-1)?.lines.push(line);
  }
  return sections.map(({ level, title, lines }) => ({ level, title, text: lines.join("\n").trim() }));
}

/** The name a link uses for a heading, as GitHub makes it. */
export const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");

export interface CodeBlock {
  /** What stands behind the three marks, as in `ts`. */
  readonly language: string;
  readonly code: string;
}

export const codeBlocksOf = (page: string): CodeBlock[] =>
  [...page.matchAll(/^```(\S*)[^\n]*\n(.*?)^```$/gms)].map(([, language = "", code = ""]) => ({
    language,
    code,
  }));

/** Task files the page shows: code whose first line names the file. */
export const taskFilesOf = (page: string): { name: string; code: string }[] =>
  codeBlocksOf(page).flatMap(({ code }) => {
    const name = /^\/\/ community-tasks\/(\w+\.[jt]s)\b/.exec(code)?.[1];
    return name ? [{ name, code }] : [];
  });

/** The page without its code blocks. */
export const proseOf = (page: string): string => page.replace(/^```.*?^```$/gms, "");

/** Targets of `[text](target)`, code left out. */
export function linksOf(page: string): string[] {
  const prose = proseOf(page).replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] as string);
}

const part = (name: string): RegExp => new RegExp(`(<!-- generated: ${name} -->\n)(.*?)(<!-- end -->)`, "s");

/** The page with what is between `<!-- generated: name -->` and `<!-- end -->` made anew. */
export function withPart(page: string, name: string, content: string): string {
  if (!part(name).test(page)) throw new Error(`the page has no part '${name}'`);
  return page.replace(part(name), (_, before, __, after) => `${before}\n${content}\n\n${after}`);
}

/** Columns as wide as their widest cell; `|` in cells is escaped. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const [head = [], ...body] = cells;
  const line = (row: readonly string[]): string => `| ${row.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n");
}
