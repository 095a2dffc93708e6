import { expect, test } from "vitest";
import { suggestedName } from "../../src/registry/inspect.ts";
import { readPolicy, unknownKeyIn } from "../../src/registry/statics.ts";
import { defaultPolicy } from "../../src/task/policy.ts";

test("a class without statics has the default policy", () => {
  expect(readPolicy(class {})).toEqual({ ok: true, policy: defaultPolicy });
});

test("a blocking task runs in the blocking lane unless it names another", () => {
  expect(readPolicy({ isBlocking: true })).toMatchObject({ policy: { lane: "blocking" } });
  expect(readPolicy({ isBlocking: true, lane: "isolated" })).toMatchObject({ policy: { lane: "isolated" } });
});

test("statics are inherited", () => {
  const Base = Object.assign(class {}, { isExclusive: true });
  expect(readPolicy(class extends Base {})).toMatchObject({ policy: { isExclusive: true } });
});

test.each([
  { isExclusive: "yes" },
  { isBlocking: 1 },
  { lane: "fast" },
  { lane: "async", isBlocking: true },
  { lane: "blocking" },
  { uses: ["camera"] },
  { uses: { camera: "mine" } },
  { priority: 101 },
  { priority: 1.5 },
  { timeoutSeconds: 0 },
  { timeoutSeconds: Number.NaN },
  { timeoutSeconds: "60" },
  { onRestart: "retry" },
  { cancelGraceSeconds: -1 },
  { description: 3 },
  { category: " " },
])("a static of the wrong kind is refused: %o", (statics) => {
  expect(readPolicy(statics).ok).toBe(false);
});

test("a misspelt key of a definition is named with its nearest", () => {
  expect(unknownKeyIn({ isExlusive: true })).toEqual({ key: "isExlusive", near: "isExclusive" });
  expect(unknownKeyIn({ taskName: "a", uses: {} })).toBeNull();
});

test.each([
  ["CropImage", "crop_image_task"],
  ["crop-image", "crop_image_task"],
  ["crop_image_tsk", "crop_image_task"],
  ["CropTask", "crop_task"],
  ["3d_scan", "d_scan_task"],
  ["crop_task_", "crop_task"],
  ["task", "my_task"],
  ["", "my_task"],
  ["Größe", "gr_e_task"],
])("for the name %s the suggestion is %s", (name, suggestion) => {
  expect(suggestedName(name)).toBe(suggestion);
});
