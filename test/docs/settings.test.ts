import { expect, test } from "vitest";
import { unknownVariables } from "../../src/settings/environment.ts";
import { firmwareSchema } from "../../src/settings/firmware.ts";
import { keysOf, schemaOf } from "../../src/settings/keys.ts";
import { pageAndCurrent } from "./generated.ts";
import { proseOf, read } from "./page.ts";

const { page, current } = pageAndCurrent("docs/settings.md");

test("every key stands there with values, default and meaning (npm run docs)", () => {
  expect(page).toBe(current);
});

test("every key stands there once, and says whether it needs a restart", () => {
  const rows = [...page.matchAll(/^\| `([a-z$][\w.]*)` \| .* \| (live|restart) \| .+ \|$/gm)];
  const keys = keysOf(schemaOf(firmwareSchema));
  expect(rows.map(([, path, change]) => ({ path, restart: change === "restart" }))).toEqual(keys);
});

test("every variable of the environment stands there, and no other", () => {
  const named = [...page.matchAll(/^\| `((?:ARMATURE|OPENSCAN)_\w+)`/gm)].map((match) => match[1] ?? "");
  expect(unknownVariables(Object.fromEntries(named.map((name) => [name, "x"])))).toEqual([]);
  const known = new Set(read("src/settings/environment.ts").match(/(?:ARMATURE|OPENSCAN)_[A-Z_]+[A-Z]/g));
  expect(named.toSorted()).toEqual([...known].toSorted());
});

test("other pages name only keys that are there", () => {
  const keys = keysOf(schemaOf(firmwareSchema)).map(({ path }) => path);
  const pages = ["README.md", "docs/discovery.md", "docs/scheduling.md", "docs/durability.md"];
  const texts = [...pages, "docs/using-the-api.md", "docs/troubleshooting.md", "docs/errors.md"].map(read);
  const named = texts.flatMap((text) => proseOf(text).match(/\b(?:server|limits|retention)\.[a-z_]+/g) ?? []);
  expect([...new Set(named)].filter((key) => !keys.includes(key))).toEqual([]);
});
