import { expect, test } from "vitest";
import { RuntimeError } from "../../src/errors/runtime-error.ts";
import { asError, comesFrom, failureOf, placeIn } from "../../src/lanes/failure.ts";
import { plainCopy, plainNotes } from "../../src/lanes/plain-copy.ts";
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

const brand = Symbol.for("armature.runtime-error");
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const hostile = new Proxy(
  {},
  {
    get: () => {
      throw null;
    },
    has: () => {
      throw undefined;
    },
    getPrototypeOf: () => {
      throw Symbol("no");
    },
  },
);

test.each<[string, () => unknown]>([
  ["a revoked proxy", revoked],
  ["a proxy whose traps throw", () => hostile],
  ["an object without a prototype", () => Object.create(null)],
  ["null", () => null],
  ["undefined", () => undefined],
  ["something that claims to be one of the runtime's errors", () => ({ [brand]: true })],
  ["a claim with a code of another kind", () => ({ [brand]: true, code: 7, message: "x", details: {} })],
  [
    "a claim with details that throw",
    () =>
      Object.assign(new RuntimeError("DEVICE_FAILED"), {
        details: {
          get device() {
            throw Object.create(null);
          },
        },
      }),
  ],
  [
    "an error whose message throws",
    () =>
      Object.defineProperty(new Error("x"), "message", {
        get: () => {
          throw Object.create(null);
        },
      }),
  ],
  ["an error whose message is no text", () => Object.defineProperty(new Error("x"), "message", { value: 7 })],
])("whatever is thrown becomes a failure: %s", (_, thrown) => {
  const failure = failureOf(thrown(), code);
  expect(failure).toMatchObject({ code: "TASK_FAILED", details: { source: code.file } });
  expect([failure.message, failure.remediation].map((text) => typeof text)).toEqual(["string", "string"]);
  expect(JSON.parse(JSON.stringify(failure))).toEqual(failure);
  expect(asError(thrown())).toBeInstanceOf(Error);
});

test("a value that throws something unreadable when it is read is named all the same", () => {
  const value = {
    get secret() {
      throw Object.create(null);
    },
  };
  expect(() => plainCopy(value, "RESULT_NOT_SERIALIZABLE", "result")).toThrow(
    expect.objectContaining({ code: "RESULT_NOT_SERIALIZABLE" }),
  );
  expect(plainNotes({ value })).toEqual({ value: expect.stringContaining("refuses") });
});

test("an error among the fields of a log line is named, and fields that are no object are kept as one", () => {
  expect(plainNotes({ error: new TypeError("no film"), list: [1] })).toEqual({
    error: "TypeError: no film",
    list: [1],
  });
  expect(plainNotes(new TypeError("no film"))).toEqual({ error: "TypeError: no film" });
  expect(plainNotes("photo.jpg" as never)).toEqual({ value: "photo.jpg" });
});
