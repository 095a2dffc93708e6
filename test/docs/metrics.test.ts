// GET /metrics of a real server, read as strictly as Prometheus does, against docs/metrics.md.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Family, parseExposition, valueIn } from "../outlets/exposition.ts";
import { Program } from "../system/program.ts";
import { codeBlocksOf, read } from "./page.ts";

const page = read("docs/metrics.md");
const blocks = codeBlocksOf(page);
const codeOf = (language: string): string => blocks.find((block) => block.language === language)?.code ?? "";

let program: Program;
let found: Map<string, Family>;
let type: string | null;
beforeAll(async () => {
  program = await Program.create();
  await program.start();
  const task = await program.post("/tasks/generator_task", {
    parameters: { total_steps: 1, interval_seconds: 0 },
  });
  await program.ended(task.body.id);
  await program.ended((await program.post("/tasks/failing_task")).body.id);
  const path = /metrics_path: (\S+)/.exec(codeOf("yaml"))?.[1];
  const response = await fetch(program.url + path);
  type = response.headers.get("content-type");
  found = parseExposition(await response.text());
});
afterAll(() => program.remove());

test("it is the text format of Prometheus, and says so", () => {
  expect(type).toBe("text/plain; version=0.0.4; charset=utf-8");
});

test("the table has every metric with its labels, and no other", () => {
  const rows = [...page.matchAll(/^\| `((?:armature|process|nodejs)_\w+)` +\| ([^|]*?) *\|/gm)];
  expect(rows.map(([, name]) => name).toSorted()).toEqual([...found.keys()].toSorted());
  for (const [, name, labels] of rows) {
    const shown = [...(labels ?? "").matchAll(/`(\w+)`/g)].map(([, label]) => label).toSorted();
    for (const sample of found.get(name as string)?.samples ?? [])
      expect(
        Object.keys(sample.labels)
          .filter((label) => label !== "le")
          .toSorted(),
        name,
      ).toEqual(shown);
  }
});

test("the alarms name only what is there", () => {
  const names = new Set([...found.values()].flatMap(({ samples }) => samples.map(({ name }) => name)));
  const asked = codeOf("promql").match(/armature_\w+/g) ?? [];
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter((name) => !names.has(name))).toEqual([]);
});

test("what has run before the first look is counted", () => {
  expect(valueIn(found, "armature_tasks_ended_total", { task: "generator_task", status: "completed" })).toBe(
    1,
  );
  expect(valueIn(found, "armature_task_failures_total", { code: "TASK_FAILED" })).toBe(1);
  expect(valueIn(found, "armature_task_duration_seconds_count", { task: "failing_task" })).toBe(1);
  expect(valueIn(found, "armature_store_up")).toBe(1);
  expect(valueIn(found, "armature_store_writes_total")).toBeGreaterThan(0);
  expect(valueIn(found, "armature_store_write_seconds_total")).toBeGreaterThan(0);
  expect(valueIn(found, "armature_store_journal_bytes")).toBeGreaterThan(0);
});
