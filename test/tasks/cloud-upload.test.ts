import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { CloudSettingsInput } from "../../src/settings/cloud.ts";
import { type Trial, tryTask } from "../../src/testing.ts";
import { CloudUploadTask } from "../../tasks/core/scanner/cloud_upload_task.ts";
import { StandIn, token } from "../services/cloud/stand-in.ts";
import { contentsOf } from "../services/cloud/zip.ts";

const photo = (bytes = 20_000) => randomBytes(bytes);
const scan = (index: number, photos: number): Record<string, Buffer> =>
  Object.fromEntries(
    Array.from({ length: photos }, (_, step) => [
      `projects/pot/scan0${index}/scan0${index}_00${step}.jpg`,
      photo(),
    ]),
  );

async function begin(
  files: Readonly<Record<string, Buffer>>,
  cloud: CloudSettingsInput | undefined,
  parameters: object = {},
): Promise<Trial> {
  const options = cloud === undefined ? { files } : { files, cloud };
  const trial = await tryTask(CloudUploadTask, { project: "pot", ...parameters }, options);
  onTestFinished(() => trial.close());
  return trial;
}

const notes = (trial: Trial) =>
  JSON.parse(readFileSync(path.join(trial.data, "projects/pot/project.json"), "utf8")).cloud;

/** What lies in data/cloud, but for folders. */
const leftIn = (trial: Trial): string[] => {
  const folder = path.join(trial.data, "cloud");
  return existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
};

test("every photo arrives byte for byte, in parts no larger than the settings say", async () => {
  const cloud = await StandIn.open();
  const files = { ...scan(1, 3), ...scan(2, 2), "projects/pot/scan01/scan.json": Buffer.from("{}") };
  const trial = await begin(files, cloud.settings({ split_size_bytes: 30_000 }));
  const verdict = await trial.end();
  expect(verdict).toMatchObject({ to: "completed" });
  const { name, archive, parts, photos, filesize, isStarted } = cloud.latest;
  expect(verdict).toMatchObject({
    result: { project: "pot", remote_name: name, photos: 5, bytes: archive.length, parts: 4 },
  });
  expect(name).toMatch(/^pot-\d{13}\.zip$/);
  expect({ photos, filesize, isStarted }).toEqual({ photos: 5, filesize: archive.length, isStarted: true });
  expect(parts.map((part) => part?.length)).toEqual([30_000, 30_000, 30_000, archive.length - 90_000]);
  const sent = await contentsOf(archive);
  const expected = Object.entries(files).filter(([file]) => file.endsWith(".jpg"));
  expect([...sent.keys()]).toEqual(expected.map(([file]) => path.basename(file)));
  for (const [file, bytes] of expected) expect(sent.get(path.basename(file))?.equals(bytes)).toBe(true);
});

test("the project keeps its name in the cloud, and nothing that was packed stays", async () => {
  const cloud = await StandIn.open();
  const trial = await begin(scan(1, 1), cloud.settings());
  await trial.end();
  expect(notes(trial)).toEqual({
    remote_name: cloud.latest.name,
    uploaded_at: expect.stringMatching(/Z$/),
    downloaded_at: null,
  });
  expect(leftIn(trial)).toEqual([]);
});

test("of a scan with stacked photos those are sent, and of the scans only those that were named", async () => {
  const cloud = await StandIn.open();
  const stacked = { "projects/pot/scan01/stacked/stacked_scan01_000.jpg": photo() };
  const trial = await begin({ ...scan(1, 3), ...scan(2, 1), ...scan(3, 1), ...stacked }, cloud.settings(), {
    scan_indices: [3, 1],
  });
  await trial.end();
  expect([...(await contentsOf(cloud.latest.archive)).keys()]).toEqual([
    "stacked_scan01_000.jpg",
    "scan03_000.jpg",
  ]);
});

test("the progress counts bytes, part after part, up to the whole", async () => {
  const cloud = await StandIn.open();
  const trial = await begin(scan(1, 4), cloud.settings({ split_size_bytes: 30_000 }));
  await trial.end();
  const sending = trial.told.progress.filter(({ message }) => message?.startsWith("Sending"));
  const counts = sending.map(({ current }) => current);
  expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  expect(sending.at(-1)).toMatchObject({
    current: cloud.latest.archive.length,
    message: "Sending part 3 of 3",
  });
});

test.each([
  ["a 500", { status: 500 }],
  ["a connection cut in the middle", { cutAfter: 10_000 }],
])("after %s the part is sent again, whole", async (_, fault) => {
  const cloud = await StandIn.open();
  cloud.fault = (request, time) => (request === "part 2" && time === 1 ? fault : null);
  const trial = await begin(scan(1, 4), cloud.settings({ split_size_bytes: 40_000 }));
  expect(await trial.end()).toMatchObject({ to: "completed" });
  expect(cloud.asked).toEqual(["createProject", "part 1", "part 2", "part 2", "part 3", "startProject"]);
  expect((await contentsOf(cloud.latest.archive)).size).toBe(4);
});

test("a cloud that takes nothing any more is given its time, and asked again", async () => {
  const cloud = await StandIn.open();
  cloud.fault = (request, time) => (request === "part 1" && time === 1 ? { stallAfter: 1 } : null);
  const big = { "projects/pot/scan01/scan01_000.jpg": photo(30_000_000) }; // more than the buffers between take
  const trial = await begin(big, cloud.settings({ timeout_seconds: 0.2 }));
  expect(await trial.end()).toMatchObject({ to: "completed" });
  expect(cloud.times("part 1")).toBe(2);
});

test("the interface is asked again after a 500, and given up after as many times as the settings say", async () => {
  const cloud = await StandIn.open();
  cloud.fault = () => ({ status: 503 });
  const trial = await begin(scan(1, 1), cloud.settings({ max_attempts: 3 }));
  expect(await trial.end()).toMatchObject({
    to: "failed",
    failure: {
      code: "CLOUD_UNREACHABLE",
      message: `createProject at ${new URL(cloud.url).host} failed 3 times: it answered 503`,
    },
  });
  expect(cloud.times("createProject")).toBe(3);
});

test("a wrong password is told at once, and no secret with it", async () => {
  const cloud = await StandIn.open();
  const trial = await begin(scan(1, 1), cloud.settings({ password: "another nobody shall see" }));
  const verdict = await trial.end();
  expect(verdict).toMatchObject({
    to: "failed",
    failure: { code: "CLOUD_REFUSED", details: { action: "createProject", status: 401 } },
  });
  expect(cloud.asked).toEqual(["createProject"]);
  expect(JSON.stringify([verdict, trial.told])).not.toContain("nobody shall see");
});

test("a part that is refused is not sent again, and the link stays with us", async () => {
  const cloud = await StandIn.open();
  cloud.fault = (request) => (request === "part 1" ? { status: 403 } : null);
  const trial = await begin(scan(1, 1), cloud.settings());
  const verdict = await trial.end();
  expect(verdict).toMatchObject({
    failure: { code: "CLOUD_REFUSED", details: { action: "part 1", status: 403 } },
  });
  expect(cloud.times("part 1")).toBe(1);
  expect(JSON.stringify([verdict, trial.told])).not.toMatch(/upload\/|nobody shall see/);
});

test("a pause closes the connection in the middle of a part; the part goes anew afterwards", async () => {
  const cloud = await StandIn.open();
  cloud.fault = (request, time) => (request === "part 1" && time === 1 ? { stallAfter: 1 } : null);
  const trial = await begin(scan(1, 1), cloud.settings({ timeout_seconds: 60 }));
  const ended = trial.end().catch((error: Error) => error.message);
  await cloud.until(() => cloud.asked.includes("part 1"));
  trial.pause();
  await cloud.until(() => cloud.closed.includes("part 1"));
  expect(await ended).toContain("The task is paused");
  expect(cloud.times("part 1")).toBe(1);
  trial.resume();
  expect(await trial.end()).toMatchObject({ to: "completed" });
  expect(cloud.times("part 1")).toBe(2);
});

test("a cancel closes the connection in the middle of a part", async () => {
  const cloud = await StandIn.open();
  cloud.fault = (request) => (request === "part 1" ? { stallAfter: 1 } : null);
  const trial = await begin(scan(1, 1), cloud.settings({ timeout_seconds: 60 }));
  const ended = trial.end();
  await cloud.until(() => cloud.asked.includes("part 1"));
  trial.cancel();
  expect(await ended).toMatchObject({ to: "cancelled" });
  await cloud.until(() => cloud.closed.includes("part 1"));
  expect(cloud.times("part 1")).toBe(1);
});

test("a cancel does not wait for an answer", async () => {
  const cloud = await StandIn.open();
  cloud.fault = (request) => (request === "createProject" ? { stallAfter: 0 } : null);
  const trial = await begin(scan(1, 1), cloud.settings({ timeout_seconds: 60 }));
  const ended = trial.end();
  await cloud.until(() => cloud.asked.includes("createProject"));
  trial.cancel();
  expect(await ended).toMatchObject({ to: "cancelled" });
});

test("the cloud's links to this machine are not followed unless its owner allows it", async () => {
  const cloud = await StandIn.open();
  const trial = await begin(scan(1, 1), cloud.settings({ allow_private: false }));
  expect(await trial.end()).toMatchObject({
    to: "failed",
    failure: { code: "CLOUD_LINK_REFUSED", remediation: expect.stringContaining("allow_private") },
  });
  expect(cloud.asked).toEqual(["createProject"]);
});

test("without settings it says what is missing", async () => {
  const trial = await begin(scan(1, 1), undefined);
  expect(await trial.end()).toMatchObject({
    to: "failed",
    failure: { code: "CLOUD_NOT_CONFIGURED", details: { missing: ["host", "token"] } },
  });
});

test("a token that comes with the task stands in for that of the settings", async () => {
  const cloud = await StandIn.open();
  const trial = await begin(scan(1, 1), cloud.settings({ token: "not this one" }), { token });
  expect(await trial.end()).toMatchObject({ to: "completed" });
});

test.each([
  ["a project that is not there", { project: "vase" }, "FILE_NOT_FOUND"],
  ["a scan that is not there", { scan_indices: [1, 7] }, "FILE_NOT_FOUND"],
])("%s is refused before anybody is asked", async (_, parameters, code) => {
  const cloud = await StandIn.open();
  const trial = await begin(scan(1, 1), cloud.settings(), parameters);
  expect(await trial.end()).toMatchObject({ to: "failed", failure: { code } });
  expect(cloud.asked).toEqual([]);
});

test("a name that leads elsewhere is no project's", async () => {
  await expect(begin(scan(1, 1), {}, { project: "../pot" })).rejects.toMatchObject({
    code: "INVALID_PARAMETERS",
  });
});

test("a project without photos is refused", async () => {
  const cloud = await StandIn.open();
  const trial = await begin({ "projects/pot/scan01/scan.json": Buffer.from("{}") }, cloud.settings());
  expect(await trial.end()).toMatchObject({ failure: { code: "NO_PHOTOS", details: { scans: [1] } } });
});

test.each([
  ["no links", { ulink: "nowhere" }],
  ["too few", { ulink: [] }],
])("an answer with %s is refused with what is wrong with it", async (_, answer) => {
  const cloud = await StandIn.open();
  const speaking = await StandIn.open();
  speaking.serve = (response) => response.writeHead(200).end(JSON.stringify(answer));
  const trial = await begin(scan(1, 1), cloud.settings({ host: `${speaking.url}/below/` }));
  expect(await trial.end()).toMatchObject({ failure: { code: "CLOUD_ANSWER_UNUSABLE" } });
  expect(speaking.asked).toEqual(["below/createProject"]);
});

test("the name in the cloud is safe whatever the project is called", async () => {
  const cloud = await StandIn.open();
  const files = { "projects/Größe 花 Co/scan01/scan01_000.jpg": photo() };
  await (await begin(files, cloud.settings(), { project: "Größe 花 Co" })).end();
  expect(cloud.latest.name).toMatch(/^Gro-e-Co-\d{13}\.zip$/);
});
