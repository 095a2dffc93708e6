// The test file of docs/testing-tasks.md, as its reader runs it.
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { codeBlocksOf, read } from "./page.ts";
import { programFolder, runNode } from "./program.ts";

test("the example passes with Node's own test runner", async () => {
  const page = read("docs/testing-tasks.md");
  const example = codeBlocksOf(page).find(({ code }) => code.startsWith("// count_task.test.ts"));
  const folder = await programFolder();
  await writeFile(path.join(folder, "count_task.test.ts"), example?.code ?? "");
  const { stdout } = await runNode(folder, ["--test", "--test-reporter=tap", "count_task.test.ts"]);
  expect(stdout).toMatch(/^# pass 2$/m);
  expect(stdout).toMatch(/^# fail 0$/m);
});
