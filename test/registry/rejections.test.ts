// Every file of test/fixtures/tasks/bad, and what a person is told about it.
import { readdir } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import type { PluginLine } from "../../src/registry/plugin.ts";
import { Registry } from "../../src/registry/registry.ts";
import { quiet } from "../quiet.ts";
import { defaults, fixtures, lineOf, Project, taskFile } from "./project.ts";

const expected: Record<string, { line: number | null; reason: RegExp; remedy: RegExp }> = {
  "throws_on_import_task.ts": { line: 3, reason: /throws on import: Error: no camera here/, remedy: /run/ },
  "rejects_on_import_task.ts": { line: 3, reason: /throws on import: Error: the stage/, remedy: /run/ },
  "syntax_error_task.ts": { line: 4, reason: /does not parse: /, remedy: /syntax/ },
  "script_syntax_error_task.js": { line: 3, reason: /does not parse: Expected/, remedy: /syntax/ },
  "prose_task.ts": { line: 1, reason: /does not parse/, remedy: /syntax/ },
  "garbage_task.ts": { line: 1, reason: /does not parse/, remedy: /syntax/ },
  "empty_task.ts": { line: null, reason: /exports no task/, remedy: /_/ },
  "no_task.ts": { line: null, reason: /exports no task/, remedy: /autodiscover = false/ },
  "unnamed_helper_class_task.ts": { line: null, reason: /exports no task/, remedy: /name/ },
  "bad_name_task.ts": { line: 3, reason: /'CropImage' does not fit/, remedy: /'crop_image_task'/ },
  "nameless_task.js": { line: 3, reason: /name is missing/, remedy: /my_task/ },
  "no_run_task.ts": { line: 4, reason: /^run is missing; expected a method run/, remedy: /run\(/ },
  "misspelt_run_task.ts": {
    line: 3,
    reason: /^run is missing; .* found rum\(\)/,
    remedy: /Rename rum to run/,
  },
  "parameters_no_object_task.ts": { line: 3, reason: /expected a zod object/, remedy: /z\.object/ },
  "parameters_no_json_task.ts": { line: 3, reason: /Date cannot/, remedy: /z\.iso\.datetime/ },
  "priority_too_high_task.ts": { line: 3, reason: /priority is 1000; expected .*-100 to 100/, remedy: /./ },
  "misspelt_static_task.ts": { line: 3, reason: /'isExlusive'/, remedy: /'isExclusive'/ },
  "missing_helper_task.ts": { line: 2, reason: /_not_there\.ts, which is not there/, remedy: /path/ },
  "helper_throws_task.ts": { line: null, reason: /in _throws\.ts:2\): Error: the helper/, remedy: /./ },
  "getter_throws_task.js": { line: null, reason: /cannot be inspected: not yet/, remedy: /plain/ },
  "module_exports_task.js": { line: 3, reason: /module is not defined/, remedy: /export in place/ },
  "common_js_task.js": { line: 1, reason: /require is not defined/, remedy: /import in place of require/ },
};

const registries = Object.fromEntries(
  [true, false].map((trusted) => [
    String(trusted),
    new Registry({
      projectRoot: fixtures,
      externalDirectory: "nowhere",
      clock: systemClock,
      discovery: () => ({ ...defaults, trusted, folders: ["bad", "good"] }),
      log: quiet,
    }),
  ]),
) as Record<"true" | "false", Registry>;

beforeAll(async () => {
  await registries.true.discover();
  await registries.false.discover();
});
afterAll(() => registries.false.close());

describe.each(["true", "false"] as const)("where all files are trusted: %s", (trusted) => {
  test.each(Object.entries(expected))(
    "%s is listed with line, reason and remedy",
    (file, { line, reason, remedy }) => {
      const found: PluginLine = lineOf(registries[trusted], `bad/${file}`);
      expect(found).toMatchObject({
        file: `bad/${file}`,
        status: "rejected",
        trusted: trusted === "true",
        line,
        reason: expect.stringMatching(reason),
        remedy: expect.stringMatching(remedy),
      });
      expect(found.reason).not.toContain("?task=");
    },
  );
});

test("every bad fixture is expected here, and the good ones beside them are loaded", async () => {
  const files = (await readdir(path.join(fixtures, "bad"))).filter((file) => !file.startsWith("_"));
  expect(files.sort()).toEqual(Object.keys(expected).sort());
  expect(registries.true.get("count_task")).toBeDefined();
});

test("a file without a package beside it is told to take zod from armature/task", async () => {
  const project = await Project.make({
    "external/zod_task.ts": 'import { z } from "zod"; export const s = z.int();',
  });
  const lonely = project.registry();
  await lonely.discover();
  expect(lineOf(lonely, "zod_task.ts")).toMatchObject({
    status: "rejected",
    reason: expect.stringContaining("the package 'zod'"),
    remedy: expect.stringContaining('import { z } from "armature/task"'),
  });
});

test("a misspelt name is told by its name", async () => {
  const project = await Project.make({
    "external/blink_task.ts": "export class BlinkTask extends Tsak.with({}) {}",
  });
  const registry = project.registry();
  await registry.discover();
  expect(lineOf(registry, "blink_task.ts")).toMatchObject({
    line: 1,
    reason: "it throws on import: ReferenceError: Tsak is not defined",
    remedy: "Look how 'Tsak' is spelt, or import it.",
  });
});

test("a reason is one line of bearable length, whatever was thrown", async () => {
  const long = `throw new Error("first\\nsecond " + import.meta.url + " " + "x".repeat(5000));`;
  const project = await Project.make({ "external/long_task.ts": long });
  const registry = project.registry();
  await registry.discover();
  const { reason } = lineOf(registry, "long_task.ts");
  expect(reason).toMatch(/^it throws on import: Error: first second file:.*…$/);
  expect(reason).not.toContain("task=");
  expect(reason?.length).toBeLessThan(310);
});

test("one bad external file does not stop the boot, be it an unnamed helper class", async () => {
  const unnamed = 'import { Task } from "armature/task"; export class Helper extends Task.with({}) {}';
  const project = await Project.make({
    "external/helper.js": unnamed,
    "external/throws.ts": "throw 1;",
    "external/good_task.ts": taskFile("good_task"),
  });
  const boot = project.registry();
  await boot.discover();
  expect(boot.names()).toEqual(["good_task"]);
  expect(boot.plugins().map(({ status }) => status)).toEqual(["loaded", "rejected", "rejected"]);
});

test("one broken class rejects its whole file: half a file is not loaded", async () => {
  const project = await Project.make({
    "community-tasks/two_task.ts": `${taskFile("good_task")} export class Other { static taskName = "other_task"; }`,
  });
  const registry = project.registry();
  await registry.discover();
  expect(registry.names()).toEqual([]);
  expect(lineOf(registry, "two_task.ts")).toMatchObject({
    line: 8,
    task_types: ["good_task", "other_task"],
    reason: expect.stringContaining("run is missing"),
  });
});
