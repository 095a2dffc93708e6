import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { LiveSettings } from "../../src/settings/live.ts";
import { type LoadedSettings, loadSettings } from "../../src/settings/load.ts";
import { codeBlocksOf, read } from "../docs/page.ts";
import { project } from "./folder.ts";

/** As the documentation shows it. */
const [example = {}] = codeBlocksOf(read("docs/settings.md"))
  .filter(({ code }) => code.includes("task_autodiscovery_namespaces"))
  .map(({ code }) => JSON.parse(code) as Record<string, unknown>);

const load = async (
  openscan: unknown,
  firmware?: unknown,
  env: Record<string, string> = {},
): Promise<LoadedSettings> => {
  const files = { "openscan_firmware.json": openscan, ...(firmware ? { "firmware.json": firmware } : {}) };
  return loadSettings({ projectRoot: await project(files), env });
};

test("its keys are taken in our words, its packages are our folders", async () => {
  const { firmware, openscan } = await load(example);
  expect(firmware).toMatchObject({
    task_autodiscovery_enabled: true,
    task_autodiscovery_folders: ["tasks", "community-tasks"],
    task_autodiscovery_include_subfolders: true,
    task_autodiscovery_ignore_modules: ["base_task", "task_manager"],
    task_autodiscovery_override_on_conflict: true,
    profile: "simulated",
  });
  expect(openscan).toMatchObject({
    file: "settings/openscan_firmware.json",
    unused: ["qr_wifi_scan_enabled"],
    outvoted: [],
  });
});

test.each([
  ["openscan_firmware.controllers.services.tasks.core", "tasks/core"],
  ["openscan_firmware.controllers.services.tasks.examples", "tasks/examples"],
  ["openscan_firmware.tasks", "community-tasks"],
  ["app.controllers.services.tasks", "tasks"],
  ["openscan.tasks.community", "community-tasks"],
])("the package %s is the folder %s", async (name, folder) => {
  const { firmware } = await load({ task_autodiscovery_namespaces: [name, name] });
  expect(firmware.task_autodiscovery_folders).toEqual([folder]);
});

test("every key that the firmware has had is known: used, or told as not used", async () => {
  const { openscan } = await load({
    task_autodiscovery_safe_mode: true,
    task_categories_enabled: true,
    task_required_core_names: ["scan_task", "crop_task"],
    task_require_explicit_name: true,
    task_raise_on_missing_name: true,
    enable_cloud: false,
    camera_preview_enabled: true,
    task_autodiscovery_enabled: false,
  });
  expect(openscan?.values).toEqual({ task_autodiscovery_enabled: false });
  expect(openscan?.unused).toHaveLength(7);
});

test("it is found where newer releases keep it, and the nearer one counts", async () => {
  const files = { "firmware/openscan_firmware.json": { task_autodiscovery_enabled: false } };
  const { openscan } = await loadSettings({ projectRoot: await project(files), env: {} });
  expect(openscan).toMatchObject({
    file: "settings/firmware/openscan_firmware.json",
    values: { task_autodiscovery_enabled: false },
  });
  const both = { ...files, "openscan_firmware.json": {} };
  expect((await loadSettings({ projectRoot: await project(both), env: {} })).openscan?.values).toEqual({});
});

describe("which file wins", () => {
  const folders = { task_autodiscovery_namespaces: ["openscan_firmware.tasks.community"] };

  test("a key of firmware.json, and what it is silent about comes from the other file", async () => {
    const { firmware, openscan } = await load(
      { ...folders, task_autodiscovery_override_on_conflict: true },
      { task_autodiscovery_folders: ["mine"] },
    );
    expect(firmware.task_autodiscovery_folders).toEqual(["mine"]);
    expect(firmware.task_autodiscovery_override_on_conflict).toBe(true);
    expect(openscan?.outvoted).toEqual(["task_autodiscovery_folders"]);
  });

  test("a change over the API is a key of firmware.json, and leaves the other file's alone", async () => {
    const settings = new LiveSettings(await load(folders));
    const outcome = await settings.patch({ task_autodiscovery_override_on_conflict: true });
    expect(outcome.needs_restart).toEqual(["task_autodiscovery_override_on_conflict"]);
    expect(outcome.settings.task_autodiscovery_folders).toEqual(["community-tasks"]);
    expect(settings.needsRestart).toEqual(["task_autodiscovery_override_on_conflict"]);
    const named = await settings.patch({ task_autodiscovery_folders: ["mine"] });
    expect(named.settings.task_autodiscovery_folders).toEqual(["mine"]);
  });

  test("a folder of the environment above all, ours above OpenScan3's", async () => {
    const external = async (env: Record<string, string>) =>
      (await load({}, { community_tasks_dir: "/key" }, env)).directories.externalTasks;
    expect(await external({ OPENSCAN_COMMUNITY_TASKS_DIR: "/theirs" })).toBe("/theirs");
    expect(
      await external({ OPENSCAN_COMMUNITY_TASKS_DIR: "/theirs", ARMATURE_COMMUNITY_TASKS_DIR: "/ours" }),
    ).toBe("/ours");
    expect(await external({ OPENSCAN_COMMUNITY_TASKS_DIR: "" })).toBe("/key");
  });
});

describe("a mistake stops the start and says where", () => {
  test.each([
    [
      { task_autodiscovery_namespace: [] },
      "settings/openscan_firmware.json: task_autodiscovery_namespace: there is no such key (its value is []); did you mean 'task_autodiscovery_namespaces'?",
    ],
    [
      { task_autodiscovery_enabled: "yes" },
      'settings/openscan_firmware.json: task_autodiscovery_enabled: expected boolean, found "yes"',
    ],
    [
      { task_autodiscovery_namespaces: ["openscan_firmware.tasks", "my_lab.scans"] },
      'settings/openscan_firmware.json: task_autodiscovery_namespaces[1]: no folder stands for this Python package: write its tasks in TypeScript, and name their folder in task_autodiscovery_folders of firmware.json, found "my_lab.scans"',
    ],
    [
      { task_autodiscovery_namespaces: ["openscan_firmware.tasks.comunity"] },
      "did you mean 'openscan_firmware.tasks.community'?",
    ],
    ["{", "settings/openscan_firmware.json: line 1, column 2: expected a key in double quotes"],
  ])("%j", async (content, sentence) => {
    await expect(load(content)).rejects.toMatchObject({
      code: "INVALID_SETTINGS",
      message: expect.stringContaining(sentence),
    });
  });

  test("a file that a person broke meanwhile is named by the next change, and nothing changes", async () => {
    const loaded = await load({ task_autodiscovery_enabled: false });
    const settings = new LiveSettings(loaded);
    await writeFile(path.join(loaded.directories.settings, "openscan_firmware.json"), '{"task_auto": 1}');
    await expect(settings.patch({ log_level: "warn" })).rejects.toThrow("openscan_firmware.json: task_auto:");
    expect(settings.current.firmware).toBe(loaded.firmware);
  });

  test("a folder in its place is told as one", async () => {
    const root = await project();
    await mkdir(path.join(root, "settings/openscan_firmware.json"));
    await expect(loadSettings({ projectRoot: root, env: {} })).rejects.toThrow("openscan_firmware.json: ");
  });
});
