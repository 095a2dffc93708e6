import { expect, test } from "vitest";
import { parseProfile } from "../../src/hardware/profile.ts";
import { codeBlocksOf, read } from "./page.ts";

test("the profiles that it shows are valid, each driver among them", () => {
  const profiles = codeBlocksOf(read("docs/cameras.md")).filter(({ language }) => language === "json");
  const drivers = profiles.map(({ code }) => parseProfile(code, "the example").devices.camera?.driver);
  expect(drivers).toEqual(["command_camera", "command_camera", "gphoto2_camera", "mjpeg_camera"]);
});
