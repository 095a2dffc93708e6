import { expect, test } from "vitest";
import { cloudFindings } from "../../src/cli/doctor/cloud.ts";
import { type CloudSettingsInput, cloudFrom } from "../../src/settings/cloud.ts";
import { StandIn } from "../services/cloud/stand-in.ts";

const findings = (settings: CloudSettingsInput) => cloudFindings(cloudFrom(settings, "cloud"));

test("the doctor says that the cloud answers, and to whom", async () => {
  const cloud = await StandIn.open();
  const host = new URL(cloud.url).host;
  expect(await findings(cloud.settings())).toEqual([
    { level: "fine", sentence: `the cloud at ${host} answers, and knows the token` },
  ]);
  expect(cloud.asked).toEqual(["getTokenInfo"]);
});

test("a machine without a cloud is sound", async () => {
  expect(await findings({})).toMatchObject([{ level: "fine" }]);
});

test("a wrong password, a missing token and a cloud that is away are wrong, each with its remedy", async () => {
  const cloud = await StandIn.open();
  const refused = await findings(cloud.settings({ password: "another nobody shall see" }));
  expect(refused).toMatchObject([{ level: "wrong", sentence: expect.stringContaining("401") }]);
  expect(JSON.stringify(refused)).not.toContain("nobody shall see");
  expect(await findings(cloud.settings({ token: null }))).toMatchObject([
    { level: "wrong", sentence: expect.stringContaining("lacks token") },
  ]);
  const settings = cloud.settings();
  await cloud.close();
  expect(await findings(settings)).toMatchObject([
    {
      level: "wrong",
      sentence: expect.stringContaining("ECONNREFUSED"),
      remedy: expect.stringContaining("network"),
    },
  ]);
});
