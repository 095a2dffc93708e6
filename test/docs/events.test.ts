import { expect, test } from "vitest";
import { eventTypes } from "../../src/events/catalogue.ts";
import { pageAndCurrent } from "./generated.ts";

const { page, current } = pageAndCurrent("docs/events.md");

test("every event type has its line with the fields it adds (npm run docs)", () => {
  expect(page).toBe(current);
});

test.each(Object.keys(eventTypes))("%s says when it happens", (type) => {
  expect(new RegExp(`^\\| \`${type}\` \\| [^|]* \\| (.*) \\|$`, "m").exec(page)?.[1]).toMatch(/\S/);
});
