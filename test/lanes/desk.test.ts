import { expect, test } from "vitest";
import { Desk } from "../../src/lanes/worker/desk.ts";
import type { Orders } from "../../src/lanes/worker/orders.ts";
import type { Outbox } from "../../src/lanes/worker/outbox.ts";

test("a cancel that comes while the task looks is either answered and remembered, or neither", () => {
  let looks = 0;
  const orders = {
    get cancelReason() {
      return looks++ === 0 ? null : "user";
    },
  };
  const desk = new Desk(orders as Orders, {} as Outbox);
  expect(desk.look()).toBe(desk.wasSeen);
});
