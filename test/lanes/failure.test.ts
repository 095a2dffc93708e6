import { expect, test } from "vitest";
import { RuntimeError } from "../../src/errors/runtime-error.ts";
import { comesFrom, failureOf, placeIn } from "../../src/lanes/failure.ts";
import { Cancelled } from "../../src/task/steering.ts";

const code = { file: "community-tasks/count_task.ts", url: "file:///home/machine/count_task.ts?task=7" };

test.each([
  ["with source maps", "    at CountTask.run (/home/machine/count_task.ts:12:5)"],
  ["without source maps", "    at CountTask.run (file:///home/machine/count_task.ts?task=7:12:5)"],
  ["behind an await", "    at async CountTask.run (/home/machine/count_task.ts:12:5)"],
  ["outside any function", "    at /home/machine/count_task.ts:12:5"],
])("the place is the topmost frame in the task's own file (%s)", (_, frame) => {
  const stack = `Error: no\n    at help (/home/machine/helper.ts:1:1)\n${frame}\n    at start (/home/machine/count_task.ts:99:1)`;
  expect(placeIn(stack, code)).toBe("community-tasks/count_task.ts:12");
});

test("an error from elsewhere has no place", () => {
  expect(placeIn("Error: no\n    at help (/home/machine/my_count_task.ts:1:1)", code)).toBeNull();
  expect(placeIn(null, code)).toBeNull();
});

test("a string that was thrown is the sentence", () => {
  expect(failureOf("out of film", code)).toMatchObject({
    message: "out of film",
    details: { error: "string", at: null, source: code.file },
  });
});

test("a stack that made it into the message stays behind", () => {
  const error = new Error("no\n    at secret (/home/machine/secret.ts:1:1)");
  expect(failureOf(error, code).message).toBe("no");
});

test("details that JSON cannot carry are named, and the code is kept", () => {
  const error = new RuntimeError("DEVICE_FAILED", { device: "camera", problem: "x", raw: new Map() });
  expect(failureOf(error, code)).toMatchObject({
    code: "DEVICE_FAILED",
    details: { device: "camera", raw: "(a Map)" },
  });
});

test("a cancel is recognised through what was made of it", () => {
  const cancelled = new Cancelled("user");
  expect(comesFrom(new Error("aborted", { cause: cancelled }), cancelled)).toBe(true);
  expect(comesFrom(new Error("aborted", { cause: new Error("other") }), cancelled)).toBe(false);
});
