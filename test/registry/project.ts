// A project in a temporary directory and a registry over it: real files, real imports.
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import type { RegistryChange } from "../../src/registry/change.ts";
import type { DiscoverySettings } from "../../src/registry/discover.ts";
import type { PluginLine } from "../../src/registry/plugin.ts";
import { Registry } from "../../src/registry/registry.ts";

export const fixtures = path.resolve(import.meta.dirname, "../fixtures/tasks");

export const defaults: DiscoverySettings = {
  enabled: true,
  folders: ["tasks/core", "tasks/examples", "community-tasks"],
  includeSubfolders: true,
  ignoreModules: [],
  overrideOnConflict: false,
  requiredCoreTasks: null,
  trusted: true,
  inspection: { timeoutSeconds: 20, memoryMb: 512 },
};

export class Project {
  readonly root: string;
  readonly lines: { level: string; fields: object; message: string }[] = [];
  settings: DiscoverySettings = defaults;

  private constructor(root: string) {
    this.root = root;
  }

  static async make(files: Record<string, string> = {}): Promise<Project> {
    const root = await realpath(await mkdtemp(path.join(os.tmpdir(), "armature-registry-")));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    const project = new Project(root);
    for (const [file, text] of Object.entries(files)) await project.write(file, text);
    return project;
  }

  async write(file: string, text: string): Promise<void> {
    const target = path.join(this.root, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
  }

  read(file: string): Promise<string> {
    return readFile(path.join(this.root, file), "utf8");
  }

  remove(file: string): Promise<void> {
    return rm(path.join(this.root, file), { recursive: true });
  }

  registry(settings: Partial<DiscoverySettings> = {}, externalDirectory = "external"): Registry {
    this.settings = { ...defaults, ...settings };
    const into =
      (level: string) =>
      (fields: object, message: string): void => {
        this.lines.push({ level, fields, message });
      };
    const registry = new Registry({
      projectRoot: this.root,
      discovery: () => this.settings,
      externalDirectory,
      clock: systemClock,
      log: { debug: into("debug"), info: into("info"), warn: into("warn"), error: into("error") },
    });
    onTestFinished(() => registry.close());
    return registry;
  }
}

/** A sound task file whose run returns `value`. */
export const taskFile = (name: string, value: unknown = name, extra = ""): string => `
import { Task } from "armature/task";
export class Made extends Task.with({ name: ${JSON.stringify(name)} }) {
  async run() {
    return ${JSON.stringify(value)};
  }
}
${extra}`;

export function lineOf(registry: Registry, file: string): PluginLine {
  const line = registry.plugins().find((one) => one.file.endsWith(file));
  if (!line) throw new Error(`no line for ${file} among ${registry.plugins().map((one) => one.file)}`);
  return line;
}

export async function resultOf(registry: Registry, name: string): Promise<unknown> {
  return registry.get(name)?.create().run({}, {});
}

/** The next change that `fits`. */
export function next(
  registry: Registry,
  fits: (change: RegistryChange) => boolean = () => true,
): Promise<RegistryChange> {
  return new Promise((resolve) => {
    const leave = registry.onChange((change) => {
      if (!fits(change)) return;
      leave();
      resolve(change);
    });
  });
}
