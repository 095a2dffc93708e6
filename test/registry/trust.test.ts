import { expect, test } from "vitest";
import { isTrusted, type Trust } from "../../src/registry/trust.ts";

const trusts = (trust: Trust, file: string): boolean =>
  isTrusted(`/machine/${file}`, "community", trust, "/machine");

test.each<[Trust, string, boolean]>([
  [["community-tasks/one_task.ts"], "community-tasks/one_task.ts", true],
  [["./community-tasks/one_task.ts"], "community-tasks/one_task.ts", true],
  [["/machine/community-tasks/one_task.ts"], "community-tasks/one_task.ts", true],
  [["community-tasks/one_task.ts"], "community-tasks/one_task.tsx", false],
  [["community-tasks"], "community-tasks/deep/one_task.ts", true],
  [["community-tasks/"], "community-tasks/one_task.ts", true],
  [["community-tasks/lab"], "community-tasks/labels_task.ts", false],
  [["community-tasks/*.ts"], "community-tasks/one_task.ts", true],
  [["community-tasks/*.ts"], "community-tasks/deep/one_task.ts", false],
  [["community-tasks/**/*.ts"], "community-tasks/one_task.ts", true],
  [["community-tasks/**/*.ts"], "community-tasks/very/deep/one_task.ts", true],
  [["community-tasks/my_*"], "community-tasks/my_task.ts", true],
  [["community-tasks/my_*"], "community-tasks/your_task.ts", false],
  [["community-tasks/one.task.ts"], "community-tasks/one_task.ts", false],
  [[], "community-tasks/one_task.ts", false],
  [false, "community-tasks/one_task.ts", false],
  [true, "community-tasks/one_task.ts", true],
])("%j on %s: %s", (trust, file, expected) => {
  expect(trusts(trust, file)).toBe(expected);
});

test("what comes with the release needs no trust", () => {
  expect(isTrusted("/machine/tasks/core/scan_task.ts", "core", [], "/machine")).toBe(true);
  expect(isTrusted("/machine/tasks/examples/a_task.ts", "example", [], "/machine")).toBe(true);
  expect(isTrusted("/elsewhere/a_task.ts", "external", [], "/machine")).toBe(false);
});
