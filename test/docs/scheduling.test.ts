import { readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { projectRoot, read, sectionsOf } from "./page.ts";

/** What keeps a task out of the queue: `because: "…"` in the engine's files. */
const triggers = readdirSync(path.join(projectRoot, "src/engine"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) => [...read(`src/engine/${file}`).matchAll(/because: "(\w+)"/g)])
  .map((match) => match[1] ?? "");

test("every reason to wait has its section, and every section is a reason", () => {
  const source = read("src/engine/queue/admission.ts");
  const union = /export type Because =([^;]+);/.exec(source)?.[1] ?? "";
  const admission = [...union.matchAll(/"(\w+)"/g)].map((match) => match[1] ?? "");
  expect(admission.length).toBeGreaterThan(0);
  expect(triggers).toContain("not_before");
  const codes = [...new Set([...admission, ...triggers])];
  const sections = sectionsOf(read("docs/scheduling.md")).filter(({ level }) => level === 3);
  expect(sections.map(({ title }) => title).toSorted()).toEqual(codes.toSorted());
});
