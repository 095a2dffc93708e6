import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { TurnoverMap, TurnoverSet } from "../../src/lib/turnover.ts";

test("a turnover map is a map, however much has passed through it", () => {
  const map = new TurnoverMap<number, string>();
  const model = new Map<number, string>();
  for (let n = 0; n < 2000; n++) {
    map.set(n, `${n}`);
    model.set(n, `${n}`);
    const leaving = (n * 7) % (n + 1);
    if (n % 3 > 0) expect(map.delete(leaving)).toBe(model.delete(leaving));
    expect(map.size).toBe(model.size);
    expect([map.has(leaving), map.get(n)]).toEqual([model.has(leaving), model.get(n)]);
  }
  expect([...map.keys()]).toEqual([...model.keys()]);
  expect([...map.values()]).toEqual([...model.values()]);
});

test("a turnover set holds each item once, in the order they came", () => {
  const set = new TurnoverSet<string>();
  for (const item of ["a", "b", "a", "c"]) set.add(item);
  expect(set.delete("b")).toBe(true);
  expect(set.delete("b")).toBe(false);
  expect([...set]).toEqual(["a", "c"]);
  expect([set.size, set.has("c")]).toEqual([2, true]);
});

test("what has passed through it is gone with a small collection, also when its table is old", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options?: { type: "minor" }) => void;
  const leftBy = (set: TurnoverSet<object>): number => {
    const live: object[] = [];
    const pass = (count: number): void => {
      for (let n = 0; n < count; n++) {
        const item = { filling: new Array(100).fill(n) };
        live.push(item);
        set.add(item);
        if (live.length > 64) set.delete(live.shift() as object);
      }
    };
    pass(100);
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let turn = 0; turn < 20; turn++) {
      pass(500);
      collect({ type: "minor" });
    }
    return process.memoryUsage().heapUsed - before;
  };
  const passedThrough = 10_000 * 100 * 8;
  expect(leftBy(new TurnoverSet())).toBeLessThan(passedThrough / 4);
});
