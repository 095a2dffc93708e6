import { expect, test } from "vitest";
import { FreshJson } from "../../src/lib/fresh-json.ts";

const counting = () => {
  let made = 0;
  return { value: { toJSON: () => ++made }, made: () => made };
};

test("a fresh value is turned into JSON once", () => {
  const fresh = new FreshJson();
  const { value, made } = counting();
  expect(fresh.of(value)).toBe(fresh.of(value));
  expect(made()).toBe(1);
});

test("only the latest are remembered", () => {
  const fresh = new FreshJson(2);
  const { value, made } = counting();
  fresh.of(value);
  for (const n of [1, 2]) fresh.of({ n });
  fresh.of(value);
  expect(made()).toBe(2);
});
