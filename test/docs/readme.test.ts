import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { menu } from "../../src/cli/menu.ts";
import { type } from "../cli/shell.ts";
import { Program } from "../system/program.ts";
import { codeBlocksOf, read, taskFilesOf } from "./page.ts";

const page = read("README.md");
const scripts = Object.keys(JSON.parse(read("package.json")).scripts);

test("it has at most 150 lines", () => {
  expect(page.trimEnd().split("\n").length).toBeLessThanOrEqual(150);
});

test("it names both commands as they are run", () => {
  expect(page).toContain("\nnpm ci && npm run demo\nnpm ci && npm test\n");
});

test("every npm script that the documents name is there", () => {
  const pages = [
    page,
    ...["settings", "errors", "lifecycle", "using-the-api", "troubleshooting"].map(pageOf),
  ];
  const named = pages.flatMap((text) =>
    [...text.matchAll(/\bnpm run ([\w-]+)/g)].map((match) => match[1] ?? ""),
  );
  expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
  expect(scripts).toEqual(expect.arrayContaining(["start", "test"]));
});

const pageOf = (name: string): string => read(`docs/${name}.md`);

test("the command line table has every command and no other", () => {
  const rows = [...page.matchAll(/^\| `armature (\w+)/gm)].map((match) => match[1] ?? "");
  expect(rows).toEqual(Object.keys(menu));
});

test("what it shows of the demo is what the demo says", () => {
  const source = read("src/cli/commands/demo.ts");
  const shown =
    codeBlocksOf(page)
      .find(({ code }) => code.startsWith("Armature demo"))
      ?.code.split("\n") ?? [];
  const said = (line: string): boolean => source.includes(line.trim());
  expect(
    shown.filter((line) => /^(Armature demo|[12] {2}Twelve|In another|Ctrl)/.test(line)).every(said),
  ).toBe(true);
  expect(shown.filter((line) => /✓ (scan|crop)_task completed/.test(line))).toHaveLength(2);
});

test("the map has every folder at the top", () => {
  for (const folder of ["settings/", "tasks/core/", "community-tasks/", "data/", "src/", "test/", "docs/"])
    expect(page).toContain(`| \`${folder}\``);
});

describe("the first task", () => {
  const [first] = taskFilesOf(page);
  let program: Program;

  beforeAll(async () => {
    program = await Program.create();
    await program.start();
  });
  afterAll(() => program.remove());

  test("dropped into a folder it runs, and returns what the page says", async () => {
    await program.addTask(first?.name ?? "", first?.code ?? "");
    // Finding it may take as long as the watch needs to settle; asking makes it now.
    await program.post("/plugins/rediscover");
    const command = /^npx armature run (\w+) --times (\d+)$/m.exec(page);
    const { body } = await program.post("/tasks", {
      task: command?.[1],
      parameters: { times: Number(command?.[2]) },
    });
    const { status, result, error } = await program.ended(body.id);
    expect([status, error]).toEqual(["completed", null]);
    const shown = codeBlocksOf(page).find(({ language }) => language === "json")?.code ?? "";
    expect(result).toEqual(JSON.parse(shown));
  });

  test("cancelled, it switches the light off", async () => {
    const { body } = await program.post("/tasks", { task: "sparkle", parameters: { pause_ms: 10_000 } });
    while (!(await program.get<{ is_on: boolean }>("/devices/light")).is_on);
    await program.post(`/tasks/${body.id}/cancel`);
    expect((await program.ended(body.id)).status).toBe("cancelled");
    expect((await program.get<{ is_on: boolean }>("/devices/light")).is_on).toBe(false);
  });
});

test("armature new writes what the page promises", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "armature-readme-"));
  try {
    const { code, out } = await type(["new", "sparkle", "--dir", folder]);
    expect([code, out.includes("sparkle_task.ts")]).toEqual([0, true]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
