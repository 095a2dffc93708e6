import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { isRuntimeError, type RuntimeError } from "../../src/errors/runtime-error.ts";
import { loadSettings, type Settings } from "../../src/settings/load.ts";
import { project } from "./folder.ts";

const load = async (firmware: unknown, env = {}): Promise<Settings> =>
  loadSettings({ projectRoot: await project({ "firmware.json": firmware }), env });

async function refusal(loading: Promise<unknown>): Promise<RuntimeError> {
  const thrown = await loading.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );
  if (!isRuntimeError(thrown)) throw thrown;
  expect(thrown.code).toBe("INVALID_SETTINGS");
  return thrown;
}

test("without settings/firmware.json every key has its default", async () => {
  const root = await project();
  const { firmware, directories, token, overridden } = await loadSettings({ projectRoot: root, env: {} });
  expect(firmware).toEqual({
    task_autodiscovery_enabled: true,
    task_autodiscovery_folders: ["tasks/core", "tasks/examples", "community-tasks"],
    task_autodiscovery_include_subfolders: true,
    task_autodiscovery_ignore_modules: [],
    task_autodiscovery_override_on_conflict: false,
    required_core_tasks: null,
    community_tasks_dir: null,
    trusted_task_files: [],
    task_inspection_timeout_seconds: 10,
    task_inspection_memory_mb: 512,
    media_directories: [],
    profile: "simulated",
    log_level: "info",
    pause_queue_after_interrupted_hardware: true,
    server: {
      host: "127.0.0.1",
      port: 8000,
      auth: "token",
      allowed_hosts: [],
      allowed_origins: [],
      max_body_bytes: 1_048_576,
      max_body_depth: 32,
      max_connections: 1000,
      max_streams: 200,
      dialects: ["stage", "storycore"],
    },
    limits: {
      max_concurrent_tasks: 3,
      blocking_workers: 4,
      warm_processes: 1,
      capacities: {},
      default_timeout_seconds: null,
      cancel_grace_seconds: 5,
      stall_seconds: 300,
      loop_blocked_ms: 1000,
      single_task_mode: false,
      stage_single_task: true,
    },
    devices: { when_claimed: "queue" },
    retention: { max_finished_tasks: 10_000, max_finished_age_hours: 720, clear_history_on_shutdown: false },
  });
  expect(directories).toEqual({
    project: root,
    settings: path.join(root, "settings"),
    data: path.join(root, "data"),
    externalTasks: "/var/lib/armature/community-tasks",
  });
  expect({ token, overridden }).toEqual({ token: null, overridden: [] });
});

test("a key that is written replaces its default and leaves its neighbours", async () => {
  const { firmware } = await load({ $schema: "./x.json", limits: { max_concurrent_tasks: 7 } });
  expect(firmware.limits).toMatchObject({ max_concurrent_tasks: 7, blocking_workers: 4 });
});

describe("a mistake stops the boot and says where", () => {
  test("an unknown key is named with its file, its value and the nearest known key", async () => {
    const error = await refusal(load({ limits: { max_concurent_tasks: 5 } }));
    expect(error.message).toBe(
      "The settings are not valid: settings/firmware.json: limits.max_concurent_tasks: " +
        "there is no such key (its value is 5); did you mean 'max_concurrent_tasks'?",
    );
    expect(error.details).toMatchObject({
      file: "settings/firmware.json",
      errors: [{ path: "limits.max_concurent_tasks", found: "5" }],
    });
  });

  test("a known key in the wrong place is told its place", async () => {
    const error = await refusal(load({ port: 80 }));
    expect(error.message).toContain(
      "port: there is no such key (its value is 80); did you mean 'server.port'?",
    );
  });

  test("a wrong type says what was expected and what was found", async () => {
    const error = await refusal(load({ server: { port: "8000" } }));
    expect(error.message).toContain('settings/firmware.json: server.port: expected number, found "8000"');
  });

  test("a value out of range says the range", async () => {
    const error = await refusal(load({ server: { port: 70_000 } }));
    expect(error.message).toContain("server.port: expected number to be <=65535, found 70000");
  });

  test("a misspelt choice is told the nearest one", async () => {
    const error = await refusal(load({ server: { auth: "tokn" } }));
    expect(error.message).toContain(
      'server.auth: expected one of "token"|"none", found "tokn"; did you mean \'token\'?',
    );
  });

  test("several problems are listed together", async () => {
    const error = await refusal(load({ prot: 1, server: { host: "" }, media_directories: "photos" }));
    expect(error.details.errors).toHaveLength(3);
    expect(error.message).toContain("settings/firmware.json has 3 problems:\n");
    for (const key of ["prot", "server.host", "media_directories"])
      expect(error.message).toContain(`\n  ${key}: `);
  });

  test("broken JSON is told by line and column", async () => {
    const error = await refusal(load('{\n  "server": {\n    "port": 8000,\n  }\n}'));
    expect(error.message).toContain(
      "settings/firmware.json: line 4, column 3: expected a key in double quotes, found '}'",
    );
  });

  test.each([
    ["", "found an empty file"],
    ["[]", "expected an object, found []"],
    ["null", "expected an object, found null"],
    ["8000", "expected an object, found 8000"],
  ])("a file that holds %j is refused", async (text, sentence) => {
    expect((await refusal(load(text))).message).toContain(sentence);
  });

  test("a file that is not UTF-8 is refused", async () => {
    const root = await project();
    await writeFile(path.join(root, "settings/firmware.json"), Buffer.from([0x7b, 0xff, 0x7d]));
    expect((await refusal(loadSettings({ projectRoot: root, env: {} }))).message).toContain("utf-8");
  });

  test("a byte order mark, which some editors write, is no mistake", async () => {
    expect((await load('\uFEFF{"log_level": "warn"}')).firmware.log_level).toBe("warn");
  });

  test("an unknown profile is told the nearest one, or all there are", async () => {
    const root = await project({ "devices/microscope.json": {} });
    const ask = (name: string) => loadSettings({ projectRoot: root, env: { ARMATURE_PROFILE: name } });
    expect((await refusal(ask("simulatd"))).message).toContain(
      "ARMATURE_PROFILE: profile: there is no settings/devices/simulatd.json; did you mean 'simulated'?",
    );
    expect((await refusal(ask("xy"))).message).toContain("there are microscope, simulated");
  });

  test("`__proto__` is an unknown key like any other", async () => {
    const error = await refusal(load('{"server": {"__proto__": {"port": 1}}}'));
    expect(error.message).toContain("server.__proto__: there is no such key");
  });
});

describe("the environment", () => {
  test("wins over the file, and the keys it sets are listed", async () => {
    const { firmware, overridden, token } = await load(
      { server: { host: "10.0.0.1", port: 81, auth: "none" }, log_level: "warn" },
      { ARMATURE_HOST: "0.0.0.0", ARMATURE_PORT: "0", ARMATURE_LOG_LEVEL: "debug", ARMATURE_TOKEN: "s3cret" },
    );
    expect(firmware.server).toMatchObject({ host: "0.0.0.0", port: 0, auth: "none" });
    expect(firmware.log_level).toBe("debug");
    expect(token).toBe("s3cret");
    expect(overridden).toEqual(["server.host", "server.port", "log_level"]);
  });

  test("names the folders", async () => {
    const root = await project();
    const own = path.join(root, "own");
    await mkdir(own);
    await writeFile(path.join(own, "firmware.json"), '{"log_level": "error"}');
    const settings = await loadSettings({
      projectRoot: root,
      env: { ARMATURE_SETTINGS_DIR: own, ARMATURE_DATA_DIR: "/d", ARMATURE_COMMUNITY_TASKS_DIR: "/c" },
    });
    expect(settings.directories).toEqual({ project: root, settings: own, data: "/d", externalTasks: "/c" });
    expect(settings.firmware.log_level).toBe("error");
    // A settings folder without profiles leans on those of the project.
    expect(settings.profilePath).toBe(path.join(root, "settings/devices/simulated.json"));
  });

  test("an empty variable counts as absent", async () => {
    const { firmware, token } = await load({}, { ARMATURE_PORT: "", ARMATURE_TOKEN: "" });
    expect(firmware.server.port).toBe(8000);
    expect(token).toBeNull();
  });

  test("every wrong variable is named", async () => {
    const env = {
      ARMATURE_PORT: "80a",
      ARMATURE_LOG_LEVEL: "inf",
      ARMATURE_TOKEN: "a b",
      ARMATURE_HOST: " ",
    };
    const { message, details } = await refusal(load({}, env));
    expect(details.errors).toHaveLength(4);
    expect(message).toContain('ARMATURE_PORT: expected number, found "80a"');
    expect(message).toContain("found \"inf\"; did you mean 'info'?");
    expect(message).not.toContain("a b");
  });

  test("a settings directory that is not there is a typo", async () => {
    const root = await project();
    const env = { ARMATURE_SETTINGS_DIR: path.join(root, "gone") };
    expect((await refusal(loadSettings({ projectRoot: root, env }))).message).toContain(
      "ARMATURE_SETTINGS_DIR: there is no directory",
    );
  });

  test("the external folder comes from the environment, else from the key", async () => {
    expect((await load({ community_tasks_dir: "/srv/tasks" })).directories.externalTasks).toBe("/srv/tasks");
    const { directories } = await load(
      { community_tasks_dir: "/srv/tasks" },
      { ARMATURE_COMMUNITY_TASKS_DIR: "/other" },
    );
    expect(directories.externalTasks).toBe("/other");
  });
});
