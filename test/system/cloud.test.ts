// Transfers to a cloud by the real program: killed in the middle, paused, cancelled, and what they leave and tell.
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CloudSettingsInput } from "../../src/settings/cloud.ts";
import { password, StandIn, token } from "../services/cloud/stand-in.ts";
import { contentsOf, zipOf } from "../services/cloud/zip.ts";
import { Program } from "./program.ts";

let program: Program;
let cloud: StandIn;
const photos = new Map<string, Buffer>();

const configure = (more: CloudSettingsInput = {}) =>
  writeFile(
    path.join(program.folder, "settings/cloud.json"),
    JSON.stringify(
      cloud.settings({
        split_size_bytes: 30_000,
        link_interval_seconds: 1,
        token: null,
        password: null,
        ...more,
      }),
    ),
  );
/** Not trusted: it has a process of its own. */
const surroundings = `
import { Task } from "armature/task";
export class SurroundingsTask extends Task.with({ name: "surroundings_task" }) {
  async run() {
    return { ...process.env };
  }
}
`;
/** No file need hold them. */
const secrets = { ARMATURE_CLOUD_TOKEN: token, ARMATURE_CLOUD_PASSWORD: password };

beforeAll(async () => {
  [program, cloud] = [await Program.create(), await StandIn.open({ kept: true })];
  const scan = path.join(program.folder, "data/projects/pot/scan01");
  await mkdir(scan, { recursive: true });
  for (let step = 0; step < 5; step++) {
    photos.set(`scan01_00${step}.jpg`, randomBytes(20_000));
    await writeFile(path.join(scan, `scan01_00${step}.jpg`), photos.get(`scan01_00${step}.jpg`) as Buffer);
  }
  await configure();
  await program.addTask("surroundings_task.ts", surroundings);
  await program.start(secrets);
});
afterAll(async () => {
  await program.remove();
  await cloud.close();
});

/** Ready for the next one. */
function forget(): void {
  cloud.asked.length = 0;
  cloud.closed.length = 0;
  cloud.fault = () => null;
}

const submit = async (task: string, more: object = {}): Promise<string> => {
  const { body } = await program.post("/tasks", { task, parameters: { project: "pot" }, ...more });
  return body.id;
};

const model = await zipOf({ "pot.obj": "v 0 0 0" });
const archiveOf = (id: string): string => path.join(program.folder, "data/cloud", id, "photos.zip");

const expectPhotos = async (): Promise<void> =>
  expect(await contentsOf(cloud.latest.archive)).toEqual(photos);

test("killed, or shut down, in the middle of a part, the next start sends that part and those behind it, of the same archive", async () => {
  forget();
  cloud.fault = (request, time) => (request === "part 3" && time === 1 ? { stallAfter: 1000 } : null);
  const id = await submit("cloud_upload_task");
  await cloud.until(() => cloud.asked.includes("part 3"));
  const { ino, mtimeMs } = statSync(archiveOf(id));
  expect(statSync(path.join(path.dirname(archiveOf(id)), "upload.json")).mode & 0o777).toBe(0o600);
  await program.kill();
  const before = cloud.asked.length;
  cloud.fault = (request) => (request === "part 4" ? { stallAfter: 1000 } : null);
  await program.start(secrets);
  await cloud.until(() => cloud.asked.includes("part 4"));
  expect(statSync(archiveOf(id))).toMatchObject({ ino, mtimeMs });
  expect(cloud.asked.slice(before)).toEqual(["part 3", "part 4"]);
  await program.signal("SIGTERM");
  cloud.fault = () => null;
  await program.start(secrets);
  expect(await program.ended(id)).toMatchObject({
    status: "completed",
    result: { remote_name: cloud.latest.name, photos: 5, parts: 4 },
  });
  expect(cloud.times("createProject")).toBe(1);
  expect(cloud.asked.slice(-2)).toEqual(["part 4", "startProject"]);
  await expectPhotos();
  expect(existsSync(path.dirname(archiveOf(id)))).toBe(false);
}, 60_000);

test("paused in the middle of a part nothing goes on; resumed the part goes anew", async () => {
  forget();
  cloud.fault = (request, time) => (request === "part 2" && time === 1 ? { stallAfter: 1000 } : null);
  const id = await submit("cloud_upload_task");
  await cloud.until(() => cloud.asked.includes("part 2"));
  await program.post(`/tasks/${id}/pause`);
  await cloud.until(() => cloud.closed.includes("part 2"));
  await expect.poll(async () => (await program.get(`/tasks/${id}`)).status).toBe("paused");
  expect(cloud.asked.at(-1)).toBe("part 2");
  await program.post(`/tasks/${id}/resume`);
  expect((await program.ended(id)).status).toBe("completed");
  expect(cloud.asked).toEqual([
    "createProject",
    "part 1",
    "part 2",
    "part 2",
    "part 3",
    "part 4",
    "startProject",
  ]);
  await expectPhotos();
});

test("cancelled in the middle of a part, the connection is closed and nothing packed is left", async () => {
  forget();
  cloud.fault = (request) => (request === "part 2" ? { stallAfter: 1000 } : null);
  const id = await submit("cloud_upload_task");
  await cloud.until(() => cloud.asked.includes("part 2"));
  await program.post(`/tasks/${id}/cancel`);
  expect((await program.ended(id)).status).toBe("cancelled");
  await cloud.until(() => cloud.closed.includes("part 2"));
  await expect.poll(() => existsSync(path.dirname(archiveOf(id)))).toBe(false);
});

test("what a killed upload left is removed once its task is cancelled without running again", async () => {
  forget();
  cloud.fault = (request) => (request === "part 1" ? { stallAfter: 1000 } : null);
  const id = await submit("cloud_upload_task");
  await cloud.until(() => cloud.asked.includes("part 1"));
  await program.post("/queue/pause");
  await program.kill();
  await program.start(secrets);
  expect(existsSync(archiveOf(id))).toBe(true);
  await program.post(`/tasks/${id}/cancel`);
  await expect.poll(() => existsSync(path.dirname(archiveOf(id)))).toBe(false);
  await program.post("/queue/resume");
}, 30_000);

test("the model comes back when it is ready, and the project knows of both ways", async () => {
  forget();
  cloud.link = (time) => (time === 1 ? null : `${cloud.url}/models/pot`);
  cloud.serve = (response) => response.end(model);
  const id = await submit("cloud_download_task");
  expect(await program.ended(id)).toMatchObject({
    ...{ status: "completed", result: { directory: "projects/pot/model" } },
    attempts: [{ outcome: "postponed", error: "The cloud has no model yet." }, { outcome: "completed" }],
  });
  const pot = path.join(program.folder, "data/projects/pot");
  expect(await readFile(path.join(pot, "model/pot.obj"), "utf8")).toBe("v 0 0 0");
  const known = JSON.parse(await readFile(path.join(pot, "project.json"), "utf8"));
  expect(known.cloud).toEqual({
    ...{ remote_name: expect.stringMatching(/^pot-\d+\.zip$/), uploaded_at: expect.any(String) },
    downloaded_at: expect.any(String),
  });
});

test("a second download of the same project waits for the first", async () => {
  forget();
  let answer = (): void => undefined;
  cloud.serve = (response) => {
    answer = () => response.end(model);
    response.writeHead(200, { "Content-Length": model.length }).flushHeaders();
  };
  const first = await submit("cloud_download_task");
  await cloud.until(() => cloud.asked.includes("models/pot"));
  const second = await submit("cloud_download_task");
  expect(await program.get(`/tasks/${second}`)).toMatchObject({
    ...{ status: "pending", blocked_by: [{ because: "claim", task_id: first, resource: "model of pot" }] },
  });
  cloud.serve = (response) => response.end(model);
  answer();
  for (const id of [first, second]) expect((await program.ended(id)).status).toBe("completed");
});

test("in a process of its own the upload is the same", async () => {
  forget();
  const id = await submit("cloud_upload_task", { lane: "isolated" });
  expect(await program.ended(id)).toMatchObject({ status: "completed", result: { photos: 5, parts: 4 } });
  await expectPhotos();
});

test("when the process of an upload dies, its connection is closed, and nothing packed is left", async () => {
  forget();
  cloud.fault = (request) => (request === "part 2" ? { stallAfter: 1000 } : null);
  const id = await submit("cloud_upload_task", { lane: "isolated" });
  await cloud.until(() => cloud.asked.includes("part 2"));
  const notes = readdirSync(path.join(program.folder, "data/processes"));
  for (const pid of notes.map((name) => Number.parseInt(name, 10))) process.kill(pid, "SIGKILL");
  expect(await program.ended(id)).toMatchObject({ status: "failed", failure: { code: "PROCESS_ENDED" } });
  await cloud.until(() => cloud.closed.includes("part 2"));
  await expect.poll(() => existsSync(path.dirname(archiveOf(id)))).toBe(false);
});

test("a process of a task does not get the secrets with its environment", async () => {
  const { body } = await program.post("/tasks", { task: "surroundings_task" });
  const { result } = await program.ended(body.id);
  expect(result).toMatchObject({ PATH: process.env.PATH });
  expect(JSON.stringify(result)).not.toContain("nobody shall see");
});

test("no secret is in the settings, the records, the bundles, the log or the events", async () => {
  forget();
  cloud.fault = (request) => (request === "createProject" ? { status: 403 } : null);
  const id = await submit("cloud_upload_task");
  expect(await program.ended(id)).toMatchObject({ status: "failed", failure: { code: "CLOUD_REFUSED" } });
  const said = await Promise.all(
    ["/settings", `/tasks/${id}`, `/tasks/${id}/bundle`, `/tasks/${id}/logs`, "/tasks", "/health/ready"].map(
      (route) => program.get<unknown>(route),
    ),
  );
  const text = JSON.stringify(said) + program.output;
  expect(text).toContain("CLOUD_REFUSED");
  expect(text).not.toMatch(/nobody shall see|upload\/pot/);
  const kept = readdirSync(path.join(program.folder, "data/tasks")).map((name) =>
    readFile(path.join(program.folder, "data/tasks", name), "utf8"),
  );
  expect((await Promise.all(kept)).join()).not.toMatch(/nobody shall see|upload\/pot/);
});
