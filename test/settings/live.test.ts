import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { LiveSettings } from "../../src/settings/live.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { project } from "./folder.ts";

async function live(firmware?: unknown, env = {}) {
  const root = await project(firmware === undefined ? {} : { "firmware.json": firmware });
  const file = path.join(root, "settings/firmware.json");
  const settings = new LiveSettings(await loadSettings({ projectRoot: root, env }));
  return { settings, file, written: async () => JSON.parse(await readFile(file, "utf8")) as unknown };
}

test("a change is in force at once, is told, and is on the disk", async () => {
  const { settings, written } = await live({ $schema: "mine.json", limits: { blocking_workers: 2 } });
  const heard: number[] = [];
  const end = settings.onChange(({ firmware }) => heard.push(firmware.limits.max_concurrent_tasks));
  const outcome = await settings.patch({ limits: { max_concurrent_tasks: 5 } });
  expect(outcome).toMatchObject({
    applied: ["limits.max_concurrent_tasks"],
    needs_restart: [],
    overridden: [],
  });
  expect(outcome.settings.limits.max_concurrent_tasks).toBe(5);
  expect(settings.current.firmware.limits.max_concurrent_tasks).toBe(5);
  expect(await written()).toEqual({
    $schema: "mine.json",
    limits: { blocking_workers: 2, max_concurrent_tasks: 5 },
  });
  end();
  await settings.patch({ limits: { max_concurrent_tasks: 6 } });
  expect(heard).toEqual([5]);
});

test("a key that needs a restart is written and keeps its value until then", async () => {
  const { settings, written } = await live({});
  const outcome = await settings.patch({ server: { port: 9000, max_body_bytes: 2048 } });
  expect(outcome.applied).toEqual(["server.max_body_bytes"]);
  expect(outcome.needs_restart).toEqual(["server.port"]);
  expect(outcome.settings.server.port).toBe(9000);
  expect(settings.current.firmware.server).toMatchObject({ port: 8000, max_body_bytes: 2048 });
  expect(settings.configured.server.port).toBe(9000);
  expect(settings.needsRestart).toEqual(["server.port"]);
  expect(await written()).toEqual({ server: { port: 9000, max_body_bytes: 2048 } });
  expect(await settings.patch({ server: { port: 8000 } })).toMatchObject({ applied: ["server.port"] });
  expect(settings.needsRestart).toEqual([]);
});

test("a key that the environment sets is written and reported", async () => {
  const { settings, written } = await live({}, { ARMATURE_LOG_LEVEL: "debug" });
  const outcome = await settings.patch({ log_level: "warn" });
  expect(outcome).toMatchObject({ applied: [], needs_restart: [], overridden: ["log_level"] });
  expect(outcome.settings.log_level).toBe("debug");
  expect(settings.current.firmware.log_level).toBe("debug");
  expect(await written()).toEqual({ log_level: "warn" });
});

test("the first change makes the file, with its schema for editors", async () => {
  const { settings, written } = await live();
  await settings.patch({ media_directories: ["/photos"] });
  expect(await written()).toEqual({
    $schema: "./schemas/firmware.schema.json",
    media_directories: ["/photos"],
  });
});

test.each([
  [{ server: { prot: 1 } }, "server.prot"],
  [{ server: { port: -1 } }, "server.port"],
  [{ server: null }, "server"],
  [{ limits: { max_concurrent_tasks: null } }, "limits.max_concurrent_tasks"],
  [{ profile: "nowhere" }, "profile"],
  [JSON.parse('{"__proto__": {"x": 1}}'), "__proto__"],
  [[], ""],
])("%j is refused with its path, and nothing changes", async (patch, key) => {
  const { settings, written } = await live({ log_level: "warn" });
  const before = settings.current;
  await expect(settings.patch(patch)).rejects.toMatchObject({
    code: "INVALID_SETTINGS",
    details: { file: "the patch", errors: [{ path: key }] },
  });
  expect(settings.current).toBe(before);
  expect(await written()).toEqual({ log_level: "warn" });
});

test("patches take turns: none loses what another wrote", async () => {
  const { settings, written } = await live({});
  const levels = [
    { log_level: "warn" },
    { server: { max_body_depth: 9 } },
    { profile: "x" },
    { media_directories: ["a"] },
  ];
  const outcomes = await Promise.allSettled(levels.map((patch) => settings.patch(patch)));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect(await written()).toEqual({
    log_level: "warn",
    server: { max_body_depth: 9 },
    media_directories: ["a"],
  });
});

test("what a person wrote into the file meanwhile is kept", async () => {
  const { settings, file, written } = await live({});
  await writeFile(file, '{"retention": {"max_finished_tasks": 5}}');
  await settings.patch({ log_level: "warn" });
  expect(await written()).toEqual({ retention: { max_finished_tasks: 5 }, log_level: "warn" });
  expect(settings.current.firmware.retention.max_finished_tasks).toBe(5);
});

test("a file that a person broke meanwhile is named, not overwritten", async () => {
  const { settings, file } = await live({});
  await writeFile(file, '{"retentoin": {}}');
  await expect(settings.patch({ log_level: "warn" })).rejects.toThrow(
    "settings/firmware.json: retentoin: there is no such key (its value is {}); did you mean 'retention'?",
  );
  expect(await readFile(file, "utf8")).toBe('{"retentoin": {}}');
});

test("a folder that cannot be written is said, and nothing changes", async () => {
  const root = await project();
  const own = path.join(root, "own");
  await mkdir(own);
  const env = { ARMATURE_SETTINGS_DIR: own };
  const settings = new LiveSettings(await loadSettings({ projectRoot: root, env }));
  await rm(own, { recursive: true });
  await symlink(path.join(root, "nowhere"), own);
  await expect(settings.patch({ log_level: "warn" })).rejects.toMatchObject({
    code: "SETTINGS_NOT_WRITABLE",
  });
  expect(settings.current.firmware.log_level).toBe("info");
});
