import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { createServices } from "../../src/services/services.ts";
import type { PolarPoint } from "../../src/task/services.ts";
import { FakeClock } from "../fake-clock.ts";
import { temporary } from "../hardware/machine.ts";
import { quarantineIn } from "./quarantine.ts";

const points: PolarPoint[] = [
  { thetaDegrees: 30, phiDegrees: 0 },
  { thetaDegrees: 60, phiDegrees: 120.5 },
];
const photo = (byte: number) => ({ bytes: new Uint8Array([byte]), extension: "jpg" });

async function project() {
  const dataDirectory = await temporary();
  const quarantine = quarantineIn(dataDirectory);
  const open = () => createServices({ dataDirectory, clock: new FakeClock(), quarantine }).projects;
  const json = async (file: string) => JSON.parse(await readFile(path.join(dataDirectory, file), "utf8"));
  return { dataDirectory, projects: open(), open, json };
}

test("a scan has its path, its facts and its place in the project, all readable", async () => {
  const { projects, json } = await project();
  const scan = await projects.createScan("pot", points, { parameters: { points: 2 } });
  expect([scan.index, scan.directory]).toEqual([1, "projects/pot/scan01"]);
  expect(await json("projects/pot/scan01/path.json")).toEqual({
    points: [
      { theta_degrees: 30, phi_degrees: 0 },
      { theta_degrees: 60, phi_degrees: 120.5 },
    ],
  });
  expect(await json("projects/pot/scan01/scan.json")).toMatchObject({
    project: "pot",
    index: 1,
    created_at: "2026-01-01T00:00:00.000Z",
    parameters: { points: 2 },
  });
  expect(await projects.list()).toEqual([{ name: "pot", created_at: expect.any(String), scans: [1] }]);
});

test("scans that begin at the same time each get an index of their own", async () => {
  const { projects, open } = await project();
  const other = open();
  const scans = await Promise.all(
    Array.from({ length: 12 }, (_, i) => (i % 2 ? projects : other).createScan(`pot ${i % 3}`, points, {})),
  );
  const places = scans.map(({ directory }) => directory);
  expect(new Set(places).size).toBe(12);
});

test("scans of one project that begin at the same time are all in its list", async () => {
  const { projects } = await project();
  await Promise.all(Array.from({ length: 5 }, () => projects.createScan("pot", points, {})));
  expect((await projects.list())[0]?.scans).toEqual([1, 2, 3, 4, 5]);
});

test("a damaged project.json is put aside and made anew from the scans that lie there", async () => {
  const { projects, open, dataDirectory } = await project();
  await projects.createScan("pot", points, {});
  await projects.createScan("pot", points, {});
  await projects.createScan("vase", points, {});
  await writeFile(path.join(dataDirectory, "projects/pot/project.json"), "");
  expect((await open().list()).map(({ name, scans }) => [name, scans])).toEqual([
    ["pot", [1, 2]],
    ["vase", [1]],
  ]);
  expect(await readdir(path.join(dataDirectory, "quarantine"))).toHaveLength(1);
});

test("a photo lies beside its metadata and is known as soon as it is written", async () => {
  const { projects, json, dataDirectory } = await project();
  const scan = await projects.createScan("pot", points, {});
  expect(await scan.hasPhoto(1)).toBe(false);
  expect(await scan.writePhoto(1, photo(7), { gain: 2 })).toBe("projects/pot/scan01/scan01_001.jpg");
  expect(await scan.hasPhoto(1)).toBe(true);
  expect([...(await readFile(path.join(dataDirectory, "projects/pot/scan01/scan01_001.jpg")))]).toEqual([7]);
  expect(await json("projects/pot/scan01/metadata/scan01_001.json")).toEqual({
    step: 1,
    file: "scan01_001.jpg",
    bytes: 1,
    gain: 2,
  });
});

test("each photo of a focus stack has a name of its own, and an opened scan knows which lie there", async () => {
  const { projects, open, json, dataDirectory } = await project();
  const scan = await projects.createScan("pot", points, {});
  expect(await scan.writePhoto(1, { ...photo(1), focus: 0 }, {})).toBe(
    "projects/pot/scan01/scan01_001_fs00.jpg",
  );
  await scan.writePhoto(1, { ...photo(2), focus: 11 }, { focus_dioptres: 12.5 });
  expect(await json("projects/pot/scan01/metadata/scan01_001_fs11.json")).toMatchObject({
    step: 1,
    file: "scan01_001_fs11.jpg",
    focus_dioptres: 12.5,
  });
  await writeFile(path.join(dataDirectory, scan.directory, "notes.txt"), "none of the photos");
  for (const one of [scan, await open().openScan("pot", 1)]) {
    const there = [
      one.hasPhoto(1, 0),
      one.hasPhoto(1, 1),
      one.hasPhoto(1, 11),
      one.hasPhoto(1),
      one.hasPhoto(0, 0),
    ];
    expect(await Promise.all(there)).toEqual([true, false, true, false, false]);
    expect((await one.photos()).map((file) => path.basename(file))).toEqual([
      "scan01_001_fs00.jpg",
      "scan01_001_fs11.jpg",
    ]);
  }
});

test("an opened scan knows its path and its photos, and what a power cut left half-written is gone", async () => {
  const { projects, open, dataDirectory } = await project();
  const first = await projects.createScan("pot", points, { note: "kept" });
  await first.writePhoto(0, photo(1), {});
  const torn = path.join(dataDirectory, first.directory, "scan01_001.jpg.123-4.tmp");
  await writeFile(torn, "half a ph");
  const again = await open().openScan("pot", 1);
  expect(again.path).toEqual(points);
  expect([await again.hasPhoto(0), await again.hasPhoto(1)]).toEqual([true, false]);
  expect(await again.photos()).toEqual(["projects/pot/scan01/scan01_000.jpg"]);
  expect(await readdir(path.dirname(torn))).not.toContain(path.basename(torn));
  await again.describe({ photos: 1 });
  const facts = await readFile(path.join(dataDirectory, again.directory, "scan.json"), "utf8");
  expect(JSON.parse(facts)).toMatchObject({ note: "kept", photos: 1 });
});

test("a photo that is saved in the background is awaited by saved, and a failing disk is told there", async () => {
  const { projects, dataDirectory } = await project();
  const scan = await projects.createScan("pot", points, {});
  scan.savePhoto(0, photo(1), {});
  await scan.saved();
  expect(await scan.hasPhoto(0)).toBe(true);
  const folder = path.join(dataDirectory, scan.directory);
  await rm(folder, { recursive: true });
  await writeFile(folder, "a file where the folder was");
  scan.savePhoto(1, photo(2), {});
  await expect(scan.saved()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  await expect(scan.saved()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  expect(await scan.hasPhoto(1)).toBe(false);
});

test("a scan that is not there is not found", async () => {
  const { projects } = await project();
  await expect(projects.openScan("pot", 3)).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
});

test("names that are no plain folder names are refused and nothing is written", async () => {
  const { projects, dataDirectory } = await project();
  const bad = [
    "",
    ".",
    "..",
    "../pot",
    "a/b",
    "a\\b",
    "/etc",
    ".hidden",
    "pot.",
    "pot ",
    "a\0b",
    "x".repeat(101),
    "ü".repeat(101),
  ];
  for (const name of bad) {
    await expect(projects.createScan(name, points, {})).rejects.toMatchObject({ code: "PATH_REFUSED" });
    await expect(projects.openScan(name, 1)).rejects.toMatchObject({ code: "PATH_REFUSED" });
  }
  expect(await readdir(dataDirectory)).toEqual([]);
});

test("names with letters of any script, digits, blanks, dots and dashes are welcome", async () => {
  const { projects } = await project();
  for (const name of ["Krug 2", "花瓶", "v1.2_final-3"]) await projects.createScan(name, points, {});
  expect((await projects.list()).map(({ name }) => name).sort()).toEqual(
    ["Krug 2", "v1.2_final-3", "花瓶"].sort(),
  );
});

test("a project that lost its list keeps its scans from being overwritten", async () => {
  const { projects, dataDirectory } = await project();
  await mkdir(path.join(dataDirectory, "projects/pot/scan07"), { recursive: true });
  expect((await projects.createScan("pot", points, {})).index).toBe(8);
});
