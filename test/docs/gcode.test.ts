import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parseProfile } from "../../src/hardware/profile.ts";
import { projectRoot } from "../system/program.ts";
import { codeBlocksOf, read } from "./page.ts";

const page = read("docs/gcode.md");

test("the profile that it shows is valid, and its devices share a controller", () => {
  const profile = codeBlocksOf(page).find(({ language }) => language === "json")?.code ?? "";
  const { devices } = parseProfile(profile, "the example");
  expect(Object.keys(devices)).toEqual(["x", "turntable", "laser"]);
  expect(new Set(Object.values(devices).map((device) => "port" in device && device.port)).size).toBe(1);
});

test("every option that it lists is one of the driver's", async () => {
  const schema = await readFile(`${projectRoot}/settings/schemas/device-profile.schema.json`, "utf8");
  const [, table = ""] = page.split("| option ");
  const names = [...(table.split("\n\n")[0] ?? "").matchAll(/^\| (`.*?`)\s*\|/gm)].flatMap(([, names = ""]) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) expect(schema).toContain(`"${name}"`);
});
