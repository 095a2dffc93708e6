// The requests, the parameters and the files of docs/scanning.md.
import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "../system/program.ts";
import { makeScannerQuick } from "../system/quick-scanner.ts";
import { canCurl, typeCurls } from "./curl.ts";
import { codeBlocksOf, read } from "./page.ts";

const page = read("docs/scanning.md");
const [result, metadata] = codeBlocksOf(page)
  .filter(({ language }) => language === "json")
  .map(({ code }) => JSON.parse(code) as Record<string, unknown>);

let program: Program;
beforeAll(async () => {
  program = await Program.create();
  await makeScannerQuick(program, { width: 128, height: 128 });
  await program.start({ ARMATURE_LOG_LEVEL: "silent" });
});
afterAll(() => program.remove());

const project = (): string => path.join(program.folder, "data/projects/pot");
const photosOf = async (scan: string): Promise<string[]> =>
  (await readdir(path.join(project(), scan))).filter((name) => name.endsWith(".jpg")).sort();

test.skipIf(!canCurl)("every request is answered, and leaves the files, that the page says", async () => {
  const printed = (await typeCurls(page, program.url)).replaceAll("}{", "}\n{").split("\n").filter(Boolean);
  const [whole, late, refused, stacked, single] = printed.map((line) => JSON.parse(line));
  expect(whole).toMatchObject({ status: "completed", result });
  expect(await readdir(path.join(project(), "scan01"))).toEqual(
    expect.arrayContaining(["metadata", "path.json", "scan.json", "scan01_000.jpg", "scan01_005.jpg"]),
  );
  const about = JSON.parse(await readFile(path.join(project(), "scan01/metadata/scan01_001.json"), "utf8"));
  expect(Object.keys(about)).toEqual(Object.keys(metadata ?? {}));
  expect(about).toMatchObject({ step: metadata?.step, file: metadata?.file, focus_dioptres: null });

  expect(late).toMatchObject({ status: "completed", result: { scan_index: 2, photos: 2 } });
  expect(await photosOf("scan02")).toEqual(["scan02_004.jpg", "scan02_005.jpg"]);
  expect(refused).toMatchObject({
    code: "INVALID_PARAMETERS",
    errors: [{ path: "parameters.start_from_step", message: "expected a step of the path, 0 to 5, found 6" }],
  });

  expect(stacked).toMatchObject({ status: "completed", result: { scan_index: 3, photos: 6 } });
  expect(await photosOf("scan03")).toEqual(
    ["000", "001"].flatMap((step) => ["00", "01", "02"].map((focus) => `scan03_${step}_fs${focus}.jpg`)),
  );
  const said = [...page.matchAll(/`(scan03_000_fs\d\d)\.jpg` at ([\d.]+)/g)];
  expect(said).toHaveLength(3);
  for (const [, name, dioptres] of said) {
    const facts = await readFile(path.join(project(), `scan03/metadata/${name}.json`), "utf8");
    expect(JSON.parse(facts)).toMatchObject({ focus_dioptres: Number(dioptres) });
  }
  expect(single).toMatchObject({ status: "completed", result: { focus_dioptres: 12.5 } });
  expect(await program.get("/devices/camera")).toMatchObject({
    capabilities: ["capturing", "focusable"],
    focus_dioptres: null,
    limits: { min_dioptres: 0, max_dioptres: 15 },
  });
});

test("a scan pauses between photos, and one that was cancelled goes on in its folder with the photos that are missing", async () => {
  const parameters = { project: "vase", points: 16, path_method: "turntable", exposure_ms: 150 };
  const { body } = await program.post("/tasks", { task: "scan_task", parameters });
  const folder = path.join(program.folder, "data/projects/vase/scan01");
  const photos = async (): Promise<Map<string, number>> => {
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".jpg"));
    return new Map(
      await Promise.all(
        names.map(async (name) => [name, (await stat(path.join(folder, name))).mtimeMs] as const),
      ),
    );
  };
  const taken = (count: number) =>
    expect.poll(async () => (await photos()).size, { timeout: 20_000 }).toBeGreaterThanOrEqual(count);
  const verb = async (name: string) => (await program.post(`/tasks/${body.id}/${name}`)).status;

  await taken(2);
  expect(await verb("pause")).toBe(200);
  const becomes = (status: string) =>
    expect
      .poll(async () => (await program.get(`/tasks/${body.id}`)).status, { timeout: 20_000 })
      .toBe(status);
  await becomes("paused");
  const { progress } = await program.get<{ progress: { current: number } }>(`/tasks/${body.id}`);
  expect(progress.current).toBeLessThan(16);
  expect(await program.get("/devices/camera")).toMatchObject({ state: "ready", doing: null });
  expect(await verb("resume")).toBe(200);

  await taken(progress.current + 2);
  expect(await verb("cancel")).toBe(200);
  await becomes("cancelled");
  const before = await photos();
  expect(before.size).toBeLessThan(16);
  expect(await program.get("/devices/turntable")).toMatchObject({ angle_degrees: 0, is_moving: false });

  expect(await verb("resume")).toBe(200);
  expect(await program.ended(body.id)).toMatchObject({
    status: "completed",
    result: { scan_index: 1, photos: 16 },
  });
  const after = await photos();
  for (const [name, writtenAt] of before)
    expect(after.get(name), `${name} was exposed again`).toBe(writtenAt);
}, 60_000);

test("a scan is one of the core's tasks, in the event loop, and has the machine to itself", async () => {
  expect(await program.get("/task-types/scan_task")).toMatchObject({
    category: "core",
    is_exclusive: true,
    is_blocking: false,
    policy: { lane: "async" },
  });
});

test("every parameter of scan_task is on the page with its default, and no other", async () => {
  const rows = [...page.matchAll(/^\| ((?:`\w+`(?:, )?)+) +\| ([^|]*?) +\| [^|]+\|$/gm)];
  const named = rows.flatMap(([, cell = "", defaults = ""]) => {
    const names = cell.match(/\w+/g) ?? [];
    const values = names.length > 1 ? defaults.split(", ") : [defaults];
    return names.map((name, index) => [name, (values[index] ?? "").replaceAll("`", "")]);
  });
  const { parameters } = await program.get<{
    parameters: { properties: Record<string, { default?: unknown }> };
  }>("/task-types/scan_task");
  const shown = (value: unknown): string =>
    Array.isArray(value) ? `[${value.join(", ")}]` : value === undefined ? "" : String(value);
  expect(named).toEqual(
    Object.entries(parameters.properties).map(([name, about]) => [name, shown(about.default)]),
  );
});
