// openscan_firmware.json, as OpenScan3's firmware has it: its keys in our words. settings/firmware.json wins over it.
import path from "node:path";
import { z } from "zod";
import { nearest } from "../lib/nearest.ts";
import type { Firmware } from "./firmware.ts";
import type { Tree } from "./keys.ts";
import { SettingsFile } from "./settings-file.ts";
import { didYouMean, parseStrictly } from "./strict.ts";

export interface OpenscanSettings {
  /** The file, as a person would write it. */
  readonly file: string;
  /** In our keys. */
  readonly values: Tree;
  /** Its keys that mean nothing here. */
  readonly unused: readonly string[];
}

/** Where that firmware keeps it: older releases in the settings folder, newer ones in `firmware/` below it. */
const places = ["openscan_firmware.json", "firmware/openscan_firmware.json"];

/** @param settings and `project` are absolute @returns null where there is none @throws INVALID_SETTINGS */
export async function readOpenscan(settings: string, project: string): Promise<OpenscanSettings | null> {
  for (const place of places) {
    const file = new SettingsFile(path.join(settings, place), project);
    const written = await file.read();
    if (written !== null) return openscanFrom(written, file.shown);
  }
  return null;
}

/** Its packages and the folders that stand for them. Older releases are called `app` and `openscan`. */
const folders: Readonly<Record<string, string>> = Object.fromEntries(
  ["openscan_firmware", "openscan", "app"].flatMap((root) => [
    [`${root}.controllers.services.tasks`, "tasks"],
    [`${root}.controllers.services.tasks.core`, "tasks/core"],
    [`${root}.controllers.services.tasks.examples`, "tasks/examples"],
    [`${root}.tasks`, "community-tasks"],
    [`${root}.tasks.community`, "community-tasks"],
  ]),
);

const namespace = z.string().transform((name, context) => {
  const folder = folders[name];
  if (folder !== undefined) return folder;
  const near = didYouMean(nearest(name, Object.keys(folders), 1));
  context.addIssue({
    code: "custom",
    message: `no folder stands for this Python package: write its tasks in TypeScript, and name their folder in task_autodiscovery_folders of firmware.json${near}`,
  });
  return z.NEVER;
});

const used = {
  task_autodiscovery_enabled: z.boolean().optional(),
  task_autodiscovery_namespaces: z.array(namespace).optional(),
  task_autodiscovery_include_subpackages: z.boolean().optional(),
  task_autodiscovery_ignore_modules: z.array(z.string().min(1)).optional(),
  task_autodiscovery_override_on_conflict: z.boolean().optional(),
};

const anything = z.unknown().optional();
/** Of other parts of that firmware, or about what is always so here. */
const unused = {
  qr_wifi_scan_enabled: anything,
  enable_cloud: anything,
  camera_preview_enabled: anything,
  task_autodiscovery_safe_mode: anything,
  task_categories_enabled: anything,
  task_required_core_names: anything,
  task_require_explicit_name: anything,
  task_raise_on_missing_name: anything,
};

const schema = z.strictObject({ ...used, ...unused });

function openscanFrom(written: Tree, file: string): OpenscanSettings {
  const theirs = parseStrictly(schema, written, file);
  const values = {
    task_autodiscovery_enabled: theirs.task_autodiscovery_enabled,
    task_autodiscovery_folders: theirs.task_autodiscovery_namespaces && [
      ...new Set(theirs.task_autodiscovery_namespaces),
    ],
    task_autodiscovery_include_subfolders: theirs.task_autodiscovery_include_subpackages,
    task_autodiscovery_ignore_modules: theirs.task_autodiscovery_ignore_modules,
    task_autodiscovery_override_on_conflict: theirs.task_autodiscovery_override_on_conflict,
  } satisfies Partial<Record<keyof Firmware, unknown>>;
  return {
    file,
    values: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)),
    unused: Object.keys(unused).filter((name) => name in written),
  };
}
