import { expect, test } from "vitest";
import { loadProfile, parseProfile } from "../../src/hardware/profile.ts";
import { profiles } from "../hardware/machine.ts";
import { codeBlocksOf, read } from "./page.ts";

const driversOf = ({ devices }: { devices: Record<string, { driver: string }> }): string[] =>
  Object.values(devices).map(({ driver }) => driver);

test("the profile that it shows is valid, and so is that of the OpenScan Mini", async () => {
  const shown = codeBlocksOf(read("docs/gpio.md")).find(({ language }) => language === "json");
  const motors = ["gpio_axis", "gpio_axis", "gpio_switch"];
  expect(driversOf(parseProfile(shown?.code ?? "", "the example"))).toEqual([...motors, "gpio_trigger"]);
  expect(driversOf(await loadProfile(profiles, "openscan-mini"))).toEqual([...motors, "command_camera"]);
});
