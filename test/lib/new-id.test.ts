import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { newId } from "../../src/lib/new-id.ts";

const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("an id is a UUID that nothing else has", () => {
  const ids = Array.from({ length: 1000 }, newId);
  for (const id of ids) expect(id).toMatch(uuid4);
  expect(new Set(ids).size).toBe(1000);
});

test("an id that is kept takes little more than its 36 letters", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const count = 20_000;
  const ids = new Array<string>(count).fill("");
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < count; n++) ids[n] = newId();
  collect();
  const each = (process.memoryUsage().heapUsed - before) / count;
  expect(ids[count - 1]).toMatch(uuid4);
  expect(each).toBeLessThan(150);
});
