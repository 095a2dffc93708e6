import { expect, test } from "vitest";
import { menu } from "../../src/hardware/menu.ts";
import { parseProfile } from "../../src/hardware/profile.ts";
import { capabilities } from "../../src/task/devices.ts";
import { codeBlocksOf, read } from "./page.ts";

const page = read("docs/writing-drivers.md");
const rowsOf = (pattern: RegExp): string[] => [...page.matchAll(pattern)].map((match) => match[1] ?? "");

test("the profile that it shows is valid", () => {
  const profile = codeBlocksOf(page).find(({ language }) => language === "json")?.code ?? "";
  expect(Object.keys(parseProfile(profile, "the example").devices)).toEqual(["turntable", "light"]);
});

test("every driver has its line", () => {
  const [, rows = ""] = page.split(/^\| driver .*\n/m);
  const [table = ""] = rows.split("\n\n");
  expect(Array.from(table.matchAll(/^\| `(\w+)`/gm), ([, driver]) => driver)).toEqual(Object.keys(menu));
});

test("every capability has its line", () => {
  expect(rowsOf(/^\| `([a-z]+)` *\| `[A-Z]/gm)).toEqual([...capabilities]);
});
