import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { CloudSettingsInput } from "../../src/settings/cloud.ts";
import { type Trial, tryTask } from "../../src/testing.ts";
import { CloudDownloadTask } from "../../tasks/core/scanner/cloud_download_task.ts";
import { StandIn } from "../services/cloud/stand-in.ts";
import { patched, zipOf } from "../services/cloud/zip.ts";

const uploaded = {
  name: "pot",
  created_at: "2026-11-21T03:12:33.112Z",
  scans: [1],
  cloud: { remote_name: "pot-1.zip", uploaded_at: "2026-11-21T04:00:00.000Z", downloaded_at: null },
};
const project = {
  "projects/pot/project.json": JSON.stringify(uploaded),
  "projects/pot/scan01/scan.json": "{}",
};
const oldModel = { "projects/pot/model/old.obj": "old", "projects/pot/model/old.mtl": "old too" };

/** A cloud whose model is ready. */
async function cloudWith(model: Buffer): Promise<StandIn> {
  const cloud = await StandIn.open();
  cloud.link = () => `${cloud.url}/models/pot?key=${"k".repeat(20)}`;
  cloud.serve = (response) => response.writeHead(200, { "Content-Length": model.length }).end(model);
  return cloud;
}

async function begin(
  settings: CloudSettingsInput,
  {
    files = project,
    parameters = {},
    resumedFrom,
  }: { files?: object; parameters?: object; resumedFrom?: unknown } = {},
): Promise<Trial> {
  const options = { files: files as Record<string, string>, cloud: settings, resumedFrom };
  const trial = await tryTask(CloudDownloadTask, { project: "pot", ...parameters }, options);
  onTestFinished(() => trial.close());
  return trial;
}

const inProject = (trial: Trial): string[] =>
  readdirSync(path.join(trial.data, "projects/pot"), { recursive: true }).map(String).sort();
const modelIn = (trial: Trial): string[] => inProject(trial).filter((name) => name.startsWith("model"));
const leftIn = (trial: Trial): string[] => {
  const folder = path.join(trial.data, "cloud");
  return existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
};

test("the model comes into the project's folder, byte for byte, and the project knows", async () => {
  const mesh = randomBytes(300_000);
  const cloud = await cloudWith(
    await zipOf({ "pot.obj": mesh, "textures/pot.jpg": "a texture", "empty/a": "" }),
  );
  const trial = await begin(cloud.settings());
  expect(await trial.end()).toMatchObject({
    to: "completed",
    result: {
      ...{ project: "pot", remote_name: "pot-1.zip", directory: "projects/pot/model" },
      ...{ files: 3, bytes: 300_009 },
    },
  });
  expect(readFileSync(path.join(trial.data, "projects/pot/model/pot.obj")).equals(mesh)).toBe(true);
  expect(modelIn(trial)).toEqual([
    ...["model", "model/empty", "model/empty/a", "model/pot.obj", "model/textures", "model/textures/pot.jpg"],
  ]);
  const { cloud: known } = JSON.parse(
    readFileSync(path.join(trial.data, "projects/pot/project.json"), "utf8"),
  );
  expect(known).toEqual({ ...uploaded.cloud, downloaded_at: expect.stringMatching(/Z$/) });
  expect(leftIn(trial)).toEqual([]);
});

test("a model that is not ready is asked for later, and others have its turn until then", async () => {
  const cloud = await cloudWith(await zipOf({ "pot.obj": "v" }));
  cloud.link = (time) => (time < 3 ? null : `${cloud.url}/models/pot`);
  let resumedFrom: unknown;
  for (const asked of [1, 2]) {
    const trial = await begin(cloud.settings({ link_interval_seconds: 7 }), { resumedFrom });
    expect(await trial.end()).toMatchObject({
      to: "failed", // but for the TryLater it was
      failure: { message: "The cloud has no model yet.", details: { error: "TryLater" } },
    });
    resumedFrom = trial.told.checkpoints.at(-1);
    expect(resumedFrom).toEqual({ asked });
  }
  const trial = await begin(cloud.settings(), { resumedFrom });
  expect(await trial.end()).toMatchObject({ to: "completed" });
});

test("a model that never comes is given up after as many times as the settings say", async () => {
  const cloud = await StandIn.open();
  const trial = await begin(cloud.settings({ link_tries: 5 }), { resumedFrom: { asked: 4 } });
  expect(await trial.end()).toMatchObject({
    to: "failed",
    failure: {
      code: "CLOUD_NOT_READY",
      message: "The cloud has no model of pot-1.zip yet; it was asked 5 times.",
    },
  });
});

test("a new model takes the place of the old one as a whole", async () => {
  const cloud = await cloudWith(await zipOf({ "new.obj": "new" }));
  const trial = await begin(cloud.settings(), { files: { ...project, ...oldModel } });
  expect(await trial.end()).toMatchObject({ to: "completed" });
  expect(modelIn(trial)).toEqual(["model", "model/new.obj"]);
});

test("a power cut between the two renames costs no model", async () => {
  const cloud = await cloudWith(Buffer.from("no archive"));
  const files = {
    ...project,
    "projects/pot/model.before/old.obj": "old",
    "projects/pot/model.new/half.obj": "ha",
  };
  const trial = await begin(cloud.settings(), { files });
  expect(await trial.end()).toMatchObject({ to: "failed" });
  expect(modelIn(trial)).toEqual(["model", "model/old.obj"]);
});

const good = await zipOf({ "a/pot.obj": "v 0 0 0", "a/link": "x", "aa/evil": "x" });
const linked = await zipOf({
  "good.obj": "v",
  "bad.obj": { content: "/etc/passwd", options: { mode: 0o120777 } },
});
const stored = await zipOf({ "pot.obj": { content: "v 0 0 0 v 1 1 1", options: { compress: false } } });
const bomb = await zipOf({ "bomb.obj": Buffer.alloc(5_000_000) });
/** As it stands in the archive. */
const size = (bytes: number): Buffer => {
  const four = Buffer.alloc(4);
  four.writeUInt32LE(bytes);
  return four;
};

test.each<[string, Buffer, string]>([
  ["that is none", randomBytes(5000), "End of central directory record signature not found"],
  ["that is cut short", good.subarray(0, -30), "End of central directory record signature not found"],
  ["with a name that leads upwards", patched(good, "aa/evil", "../evil"), "invalid relative path"],
  ["with an absolute name", patched(good, "aa/evil", "/a/evil"), "absolute path"],
  ["with a name for another system", patched(good, "aa/evil", "a\\\\evil"), "invalid characters in fileName"],
  ["with a name that is a folder's", patched(good, "aa/evil", "a/./lnk"), "leads out of its folder"],
  ["with a line break in a name", patched(good, "aa/evil", "aa/\nvil"), "has a name that is no file's"],
  ["with a link in it", linked, '"bad.obj" is a link or a device'],
  [
    "with the same name twice",
    patched(await zipOf({ "a/b": "x", a_c: "y" }), "a_c", "a/b"),
    "is there twice",
  ],
  [
    "with a file in the place of a folder",
    patched(await zipOf({ "a/b/c": "x", a_b: "y" }), "a_b", "a/b"),
    "a/b",
  ],
  ["whose content is damaged", patched(stored, "v 1 1 1", "v 1 9 1"), '"pot.obj" is damaged'],
  ["that is larger than it says", patched(bomb, size(5_000_000), size(4000)), "bomb.obj"],
  [
    "that would fill the disk",
    await zipOf({ "bomb.obj": Buffer.alloc(9_000_000) }),
    "more than the 8000000 bytes",
  ],
  [
    "of too many files",
    await zipOf(Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`${i}`, ""]))),
    "11 files",
  ],
  ["of nothing", await zipOf({}), "it holds no file"],
])("an archive %s is refused, and the model before stays", async (_, archive, problem) => {
  const cloud = await cloudWith(archive);
  const limits = { max_model_bytes: 8_000_000, max_model_files: 10 };
  const trial = await begin(cloud.settings(limits), { files: { ...project, ...oldModel } });
  expect(await trial.end()).toMatchObject({
    to: "failed",
    failure: { code: "CLOUD_MODEL_REFUSED", details: { problem: expect.stringContaining(problem) } },
  });
  expect(modelIn(trial)).toEqual(["model", "model/old.mtl", "model/old.obj"]);
  expect(existsSync(path.join(trial.data, "projects/evil"))).toBe(false);
});

test("an archive larger than allowed is not fetched to its end", async () => {
  const cloud = await StandIn.open();
  cloud.link = () => `${cloud.url}/models/pot`;
  cloud.serve = (response) => {
    response.writeHead(200);
    const more = (): void =>
      void response.write(Buffer.alloc(65_536), (error) => error || setImmediate(more));
    more();
  };
  const trial = await begin(cloud.settings({ max_model_bytes: 1_000_000 }));
  expect(await trial.end()).toMatchObject({ to: "failed", failure: { code: "CLOUD_MODEL_REFUSED" } });
});

test("a connection that is cut in the middle is made again", async () => {
  const model = await zipOf({ "pot.obj": randomBytes(200_000) });
  const cloud = await cloudWith(model);
  cloud.serve = (response) => {
    response.writeHead(200, { "Content-Length": model.length });
    if (cloud.times("models/pot") > 1) response.end(model);
    else response.write(model.subarray(0, 100_000), () => response.destroy());
  };
  const trial = await begin(cloud.settings());
  expect(await trial.end()).toMatchObject({ to: "completed" });
  expect(cloud.times("models/pot")).toBe(2);
});

test("a few redirects are followed, and one too many is not", async () => {
  const model = await zipOf({ "pot.obj": "v" });
  for (const [steps, verdict] of [
    [5, { to: "completed" }],
    [6, { to: "failed", failure: { code: "CLOUD_REFUSED", details: { status: 302 } } }],
  ] as const) {
    const cloud = await cloudWith(model);
    cloud.serve = (response, place) => {
      const step = Number(/\d+$/.exec(place)?.[0] ?? 0);
      if (step < steps) response.writeHead(302, { Location: `/models/${step + 1}` }).end();
      else response.end(model);
    };
    expect(await (await begin(cloud.settings())).end()).toMatchObject(verdict);
  }
});

test("a link to this machine is not followed unless the owner allows it", async () => {
  const cloud = await cloudWith(await zipOf({ "pot.obj": "v" }));
  const trial = await begin(cloud.settings({ allow_private: false }));
  const verdict = await trial.end();
  expect(verdict).toMatchObject({ to: "failed", failure: { code: "CLOUD_LINK_REFUSED" } });
  expect(cloud.times("models/pot")).toBe(0);
  expect(JSON.stringify([verdict, trial.told])).not.toContain("kkkk");
});

test("links are http or https", async () => {
  for (const link of ["file:///etc/passwd", "ftp://lab.example/model.zip", "nonsense"]) {
    const cloud = await StandIn.open();
    cloud.link = () => link;
    const trial = await begin(cloud.settings());
    expect(await trial.end()).toMatchObject({ to: "failed", failure: { code: "CLOUD_LINK_REFUSED" } });
  }
});

test("a cancel closes the connection in the middle of the model, and the model before stays", async () => {
  const cloud = await cloudWith(await zipOf({ "pot.obj": "v" }));
  cloud.serve = (response) => void response.writeHead(200, { "Content-Length": 1_000_000 }).write("PK");
  const trial = await begin(cloud.settings(), { files: { ...project, ...oldModel } });
  const ended = trial.end();
  await cloud.until(() => cloud.asked.includes("models/pot"));
  trial.cancel();
  expect(await ended).toMatchObject({ to: "cancelled" });
  await cloud.until(() => cloud.closed.includes("models/pot"));
  expect(modelIn(trial)).toEqual(["model", "model/old.mtl", "model/old.obj"]);
});

test("a project that was not uploaded has no model there, unless its name in the cloud is given", async () => {
  const cloud = await cloudWith(await zipOf({ "pot.obj": "v" }));
  const files = { "projects/pot/scan01/scan.json": "{}" };
  expect(await (await begin(cloud.settings(), { files })).end()).toMatchObject({
    failure: { code: "NOT_UPLOADED" },
  });
  expect(cloud.asked).toEqual([]);
  const named = await begin(cloud.settings(), { files, parameters: { remote_name: "theirs.zip" } });
  expect(await named.end()).toMatchObject({ to: "completed", result: { remote_name: "theirs.zip" } });
});
