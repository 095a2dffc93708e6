import { expect, test } from "vitest";
import { FreshJson } from "../../src/lib/fresh-json.ts";

const counting = () => {
  let made = 0;
  return { value: { toJSON: () => ++made }, made: () => made };
};

test("who comes second takes the text that was made, and it is forgotten", () => {
  const fresh = new FreshJson();
  const { value, made } = counting();
  expect(fresh.make(value)).toBe(fresh.take(value));
  expect(made()).toBe(1);
  fresh.take(value);
  expect(made()).toBe(2);
});

test("only the latest are remembered", () => {
  const fresh = new FreshJson(2);
  const { value, made } = counting();
  fresh.make(value);
  for (const n of [1, 2]) fresh.make({ n });
  fresh.take(value);
  expect(made()).toBe(2);
});
