// The settings, the requests and the results of docs/cloud.md, with a cloud that speaks what the page says.
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cloudFrom } from "../../src/settings/cloud.ts";
import { password, StandIn, token } from "../services/cloud/stand-in.ts";
import { contentsOf, zipOf } from "../services/cloud/zip.ts";
import { Program } from "../system/program.ts";
import { canCurl, typeCurls } from "./curl.ts";
import { codeBlocksOf, read } from "./page.ts";

const page = read("docs/cloud.md");
const [settings, uploaded, downloaded] = codeBlocksOf(page)
  .filter(({ language }) => language === "json")
  .map(({ code }) => JSON.parse(code));

let program: Program;
let cloud: StandIn;
beforeAll(async () => {
  [program, cloud] = [await Program.create(), await StandIn.open({ kept: true })];
  const here = { ...settings, host: cloud.url, allow_private: true };
  await writeFile(path.join(program.folder, "settings/cloud.json"), JSON.stringify(here));
  await program.start({ ARMATURE_CLOUD_TOKEN: token, ARMATURE_CLOUD_PASSWORD: password });
});
afterAll(async () => {
  await program.remove();
  await cloud.close();
});

test("the settings of the page are valid", () => {
  expect(cloudFrom(settings, "docs/cloud.md")).toMatchObject({ host: "https://cloud.example:1334" });
});

test.skipIf(!canCurl)(
  "a scan goes there and its model comes back, as the page says",
  async () => {
    const model = await zipOf({ "pot.obj": "v", "pot.mtl": "m", "pot.jpg": "j" });
    cloud.link = () => `${cloud.url}/models/pot`;
    cloud.serve = (response) => response.end(model);
    const printed = (await typeCurls(page, program.url)).replaceAll("}{", "}\n{").split("\n").filter(Boolean);
    const [scan, up, down] = printed.map((line) => JSON.parse(line).result) as Record<string, unknown>[];
    expect(scan).toMatchObject({ photos: 2 });
    expect(Object.keys(up ?? {})).toEqual(Object.keys(uploaded));
    expect(up).toMatchObject({ photos: 2, parts: 1, remote_name: cloud.latest.name });
    expect([...(await contentsOf(cloud.latest.archive)).keys()]).toEqual([
      "scan01_000.jpg",
      "scan01_001.jpg",
    ]);
    expect(down).toEqual({ ...downloaded, remote_name: up?.remote_name, bytes: 3 });
  },
  60_000,
);

test("the requests it says it speaks are those it was asked", () => {
  const named = [...page.matchAll(/^\| `(\w+)` +\| .* \| .* \|$/gm)].map(([, name]) => name);
  const asked = cloud.asked.filter((request) => /^\w+$/.test(request) && request !== "models");
  expect(named).toEqual(expect.arrayContaining([...new Set(asked)]));
});
