// What docs/discovery.md says of files that are not trusted, by the real program.
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isTrusted, type Trust } from "../../src/registry/trust.ts";
import { Program } from "../system/program.ts";
import { codeBlocksOf, read, taskFilesOf } from "./page.ts";

const page = read("docs/discovery.md");
const [line, settings] = codeBlocksOf(page)
  .filter(({ language }) => language === "json")
  .map(({ code }) => JSON.parse(code) as Record<string, unknown>);

interface PluginLine {
  readonly file: string;
  readonly reason: string | null;
}

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  for (const { name, code } of taskFilesOf(page)) await program.addTask(name, code);
  await program.start();
});
afterAll(() => program.remove());

test("the file that exits at its import is the line that is shown, and harms nothing", async () => {
  const [found] = (await program.get<PluginLine[]>("/plugins")).filter(({ file }) => file.includes("eager"));
  expect(found).toMatchObject({ ...line, file: expect.stringMatching(/community-tasks\/eager_task\.ts$/) });
  const other = await program.post("/tasks?wait=20", {
    task: "hello_world_async",
    parameters: { total_steps: 1 },
  });
  expect(other.body.status).toBe("completed");
});

test("the patterns cover what the page says", () => {
  const trust = settings?.trusted_task_files as Trust;
  const trusts = (file: string): boolean =>
    isTrusted(path.join("/machine/community-tasks", file), "community", trust, "/machine");
  expect(["my_task.ts", "lab/deep/a_task.ts", "deep/a_safe_task.ts"].filter(trusts)).toHaveLength(3);
  expect(["your_task.ts", "laboratory/a_task.ts", "deep/a_task.ts"].filter(trusts)).toEqual([]);
});

test("the reasons it lists are those that are given", () => {
  const sources = ["explain.ts", "file-inspector.ts", "inspection/misfortune.ts", "inspection/inside.ts"]
    .map((file) => read(`src/registry/${file}`))
    .join("\n");
  const listed = [...page.matchAll(/^\| `(its import [a-z]+|it is too large)/gm)].map((match) => match[1]);
  expect(listed.length).toBeGreaterThan(6);
  const words = listed.map((reason) => reason?.replace("its import ", "") ?? "");
  expect(words.filter((word) => !sources.includes(word))).toEqual([]);
});
