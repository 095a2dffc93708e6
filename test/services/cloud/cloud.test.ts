import { randomBytes } from "node:crypto";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../../src/lib/clock.ts";
import { NotPublic } from "../../../src/lib/public-lookup.ts";
import { send } from "../../../src/services/cloud/http.ts";
import { persistently } from "../../../src/services/cloud/patience.ts";
import { CloudPlaces } from "../../../src/services/cloud/places.ts";
import { remoteNameOf } from "../../../src/services/cloud/remote-name.ts";
import { type Counting, Transfer } from "../../../src/services/cloud/transfer.ts";
import { createServices } from "../../../src/services/services.ts";
import { cloudFrom } from "../../../src/settings/cloud.ts";
import { FakeClock } from "../../fake-clock.ts";
import { temporary } from "../../hardware/machine.ts";
import { quiet } from "../../quiet.ts";
import { quarantineIn } from "../quarantine.ts";
import { StandIn } from "./stand-in.ts";
import { contentsOf, zipOf } from "./zip.ts";

async function serviceOf(cloud: StandIn, freeBytes = async () => 1e12) {
  const dataDirectory = await temporary();
  const scan = path.join(dataDirectory, "projects/pot/scan01");
  await mkdir(scan, { recursive: true });
  for (const step of [0, 1]) await writeFile(path.join(scan, `scan01_00${step}.jpg`), randomBytes(50_000));
  const settings = cloudFrom(cloud.settings({ split_size_bytes: 40_000 }), "cloud");
  const quarantine = quarantineIn(dataDirectory);
  const services = () =>
    createServices({ dataDirectory, clock: systemClock, quarantine, cloud: settings, freeBytes });
  return { dataDirectory, services };
}

const request = { taskId: "a-task", project: "pot" };

test("what would fill the disk is refused before anything is written", async () => {
  const cloud = await StandIn.open();
  const { services, dataDirectory } = await serviceOf(cloud, async () => 100 * 1024 ** 2 + 50_000);
  const upload = await services().cloud.upload(request);
  await expect(upload.pack()).rejects.toMatchObject({
    code: "DISK_TOO_FULL",
    details: { free_mb: 105, needed_mb: 105 },
  });
  expect(readdirSync(path.join(dataDirectory, "cloud/a-task"))).toEqual([]);

  const model = await zipOf({ "pot.obj": Buffer.alloc(60_000) });
  cloud.link = () => `${cloud.url}/models/pot`;
  cloud.serve = (response) => response.end(model);
  const download = await services().cloud.download({ ...request, remoteName: "pot.zip" });
  await download.find(1);
  await (await download.fetch()).finish();
  await expect((await download.unpack()).finish()).rejects.toMatchObject({ code: "DISK_TOO_FULL" });
  expect(readdirSync(path.join(dataDirectory, "projects/pot"))).not.toContain("model");
});

test("a model that does not say how large it is ends where the disk would be full", async () => {
  const cloud = await StandIn.open();
  const { services } = await serviceOf(cloud, async () => 100 * 1024 ** 2 + 500_000);
  cloud.link = () => `${cloud.url}/models/pot`;
  cloud.serve = (response) => {
    response.writeHead(200);
    const more = (): void =>
      void response.write(Buffer.alloc(65_536), (error) => error || setImmediate(more));
    more();
  };
  const download = await services().cloud.download({ ...request, remoteName: "pot.zip" });
  await download.find(1);
  await expect((await download.fetch()).finish()).rejects.toMatchObject({ code: "DISK_TOO_FULL" });
  expect(cloud.times("models/pot")).toBe(1);
});

test("another attempt continues with what the first has packed and was told", async () => {
  const cloud = await StandIn.open();
  const { services } = await serviceOf(cloud);
  const first = await services().cloud.upload(request);
  await (await first.pack()).finish();
  await first.create();
  const again = await services().cloud.upload({ ...request, continues: first.remoteName });
  expect([again.remoteName, again.bytes, again.parts]).toEqual([first.remoteName, first.bytes, first.parts]);
  await (await again.pack()).finish();
  await again.create();
  for (let part = 0; part < again.parts; part++) await (await again.send(part)).finish();
  await again.start();
  expect(cloud.times("createProject")).toBe(1);
  expect((await contentsOf(cloud.latest.archive)).size).toBe(2);
});

test.each([
  ["is gone", (folder: string) => rmSync(folder, { recursive: true })],
  ["is not whole", (folder: string) => writeFileSync(path.join(folder, "photos.zip"), "half")],
])("an attempt whose archive %s begins anew, under a new name", async (_, harm) => {
  const cloud = await StandIn.open();
  const { services, dataDirectory } = await serviceOf(cloud);
  const first = await services().cloud.upload(request);
  await (await first.pack()).finish();
  await first.create();
  harm(path.join(dataDirectory, "cloud/a-task"));
  while (Date.now() === Number(/-(\d+)\.zip$/.exec(first.remoteName)?.[1]));
  const again = await services().cloud.upload({ ...request, continues: first.remoteName });
  expect(again.remoteName).not.toBe(first.remoteName);
  expect([again.bytes, again.parts]).toEqual([0, 0]);
});

test("what tasks left goes when they may not continue, and only then", async () => {
  const data = await temporary();
  const earlier = new CloudPlaces(data);
  for (const id of ["over", "waits"]) await earlier.make(id);
  const places = new CloudPlaces(data);
  await places.sweep((id) => id === "waits", quiet);
  expect(readdirSync(path.join(data, "cloud"))).toEqual(["waits"]);
  await places.discard("somebody-else");
  await places.discard("waits");
  expect(readdirSync(path.join(data, "cloud"))).toEqual([]);
  await expect(places.make("../out")).rejects.toThrow("no task id");
});

test("the pauses between attempts double, up to a minute, and a cancel ends them", async () => {
  const clock = new FakeClock();
  const start = clock.now();
  const asked: number[] = [];
  const away = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
  const goodbye = new AbortController();
  const { signal } = goodbye;
  const settings = { max_attempts: 100, first_retry_seconds: 10 };
  const ended = persistently(
    { clock, settings, signal, host: "cloud.example", action: "part 1" },
    async () => {
      asked.push((clock.now() - start) / 1000);
      throw away;
    },
  );
  const rejected = expect(ended).rejects.toThrow("enough");
  await clock.advance(200_000);
  goodbye.abort(new Error("enough"));
  await rejected;
  expect(asked).toEqual([0, 10, 30, 70, 130, 190]);
});

test("what our own disk refuses, and mistakes of ours, are no reason to ask the network again", async () => {
  const patience = { clock: systemClock, settings: { max_attempts: 5, first_retry_seconds: 1000 } };
  for (const error of [Object.assign(new Error("no space"), { code: "ENOSPC" }), new TypeError("oops")])
    await expect(
      persistently({ ...patience, host: "h", action: "a" }, () => Promise.reject(error)),
    ).rejects.toBe(error);
});

test("a transfer that is held ends its work, and begins it anew", async () => {
  const runs: { readonly signal: AbortSignal; readonly count: Counting; end(): void }[] = [];
  const transfer = new Transfer(systemClock, 10, (signal, count) => {
    count.bytes = 5;
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("cut")));
      runs.push({ signal, count, end: resolve });
    });
  });
  expect([transfer.bytes, transfer.totalBytes, transfer.isOver]).toEqual([5, 10, false]);
  await transfer.hold();
  expect([runs.length, runs[0]?.signal.aborted, transfer.bytes]).toEqual([1, true, 0]);
  await transfer.goOn();
  await transfer.glance(0);
  expect(runs.length).toBe(2);
  runs[1]?.end();
  await transfer.finish();
  expect(transfer.isOver).toBe(true);
  await transfer.abort();
});

test.each(["while it runs", "while it is held"])(
  "a transfer that is broken off %s does not begin again",
  async (when) => {
    let runs = 0;
    const transfer = new Transfer(systemClock, null, (signal) => {
      runs++;
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("cut"))));
    });
    if (when === "while it is held") await transfer.hold();
    await transfer.abort();
    await transfer.goOn();
    await expect(transfer.finish()).rejects.toThrow("The transfer was broken off.");
    expect([runs, transfer.isOver]).toEqual([1, true]);
  },
);

test("a name that stands for an address inside is refused where the connection would be made", async () => {
  const cloud = await StandIn.open();
  const inside = ((_: string, __: object, found: (...all: unknown[]) => void) =>
    found(null, [{ address: "127.0.0.1", family: 4 }])) as never;
  const url = cloud.url.replace("127.0.0.1", "cloud.example");
  const sent = send({ method: "GET", url, idleMs: 1000, allowPrivate: false, lookup: inside });
  await expect(sent).rejects.toBeInstanceOf(NotPublic);
  expect(cloud.asked).toEqual([]);
});

test.each([
  ["pot", "pot-5.zip"],
  ["Éclair à la crème", "Eclair-a-la-creme-5.zip"],
  ["花", "project-5.zip"],
  ["a".repeat(100), `${"a".repeat(60)}-5.zip`],
])("the project %s is called %s in the cloud", (project, name) => {
  expect(remoteNameOf(project, 5.9)).toBe(name);
});
