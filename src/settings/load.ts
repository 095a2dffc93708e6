// Everything an owner has set, gathered at the start: files, environment, folders. A typo stops the boot here.
import { stat } from "node:fs/promises";
import path from "node:path";
import { type CloudSettings, cloudFrom } from "./cloud.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { type Firmware, firmwareSchema } from "./firmware.ts";
import { merge, type Tree, treeOf } from "./keys.ts";
import { type OpenscanSettings, readOpenscan } from "./openscan.ts";
import { findProfiles, profileFile } from "./profiles.ts";
import { type RedisSettings, redisFrom } from "./redis.ts";
import { SettingsFile } from "./settings-file.ts";
import { invalidSettings, parseStrictly } from "./strict.ts";
import { type Webhooks, webhooksFrom } from "./webhooks.ts";

export interface Settings {
  readonly firmware: Firmware;
  /** All absolute. */
  readonly directories: {
    readonly project: string;
    /** Null where a program sets what an owner would. */
    readonly settings: string | null;
    readonly data: string;
    /** Task files from outside the project; need not exist. Null where there are none to look for. */
    readonly externalTasks: string | null;
  };
  /** The file of the device profile, absolute; the hardware reads it with a schema of its own. Null where a program brings it. */
  readonly profilePath: string | null;
  /** The names that `profile` may have. */
  readonly profiles: readonly string[];
  /** The token that the environment sets, or null. */
  readonly token: string | null;
  /** Null where nobody is told anything: a program says so. */
  readonly webhooks: Webhooks | null;
  /** With the secrets of the environment in it. */
  readonly cloud: CloudSettings;
  /** The secret that the environment sets, or null. */
  readonly webhookSecret: string | null;
  /** The address is that of the environment, where it sets one. */
  readonly redis: RedisSettings;
  /** The keys that the environment sets, dotted: what the files say about them waits. */
  readonly overridden: readonly string[];
  /** What openscan_firmware.json says beneath firmware.json; null where there is none. */
  readonly openscan: (OpenscanSettings & { readonly outvoted: readonly string[] }) | null;
}

/** As they are read from an owner's files. */
export interface LoadedSettings extends Settings {
  readonly directories: { readonly [Name in keyof Settings["directories"]]: string };
  readonly profilePath: string;
}

export interface LoadOptions {
  readonly projectRoot: string;
  readonly env: Environment;
}

const externalTasks = "/var/lib/armature/community-tasks";

/** Without settings/firmware.json every key has its default. @throws INVALID_SETTINGS with all problems of a file at once */
export async function loadSettings({ projectRoot, env }: LoadOptions): Promise<LoadedSettings> {
  const project = path.resolve(projectRoot);
  const environment = readEnvironment(env);
  const settings = environment.directories.settings ?? path.join(project, "settings");
  await refuseMissing(environment.directories.settings);
  const file = firmwareFile(settings, project);
  const written = await file.read();
  const openscan = await readOpenscan(settings, project);
  const layers = { beneath: openscan?.values ?? {}, written, environment: environment.values };
  const firmware = firmwareFrom(layers, file.shown);
  const profiles = await profilesOf({ settings, project });
  const hooks = new SettingsFile(path.join(settings, "webhooks.json"), project, true);
  const redisFile = new SettingsFile(path.join(settings, "redis.json"), project);
  const redis = redisFrom(await redisFile.read(), redisFile.shown);
  const cloud = new SettingsFile(path.join(settings, "cloud.json"), project, true);
  const profileFrom = "profile" in environment.values ? "ARMATURE_PROFILE" : file.shown;
  return {
    firmware,
    directories: {
      project,
      settings,
      data: environment.directories.data ?? path.join(project, "data"),
      externalTasks:
        environment.directories.externalTasks ??
        path.resolve(project, firmware.community_tasks_dir ?? externalTasks),
    },
    profilePath: profileFile(firmware.profile, profiles, profileFrom),
    profiles: [...profiles.keys()].sort(),
    token: environment.token,
    webhooks: webhooksFrom(await hooks.read(), hooks.shown),
    cloud: cloudFrom(await cloud.read(), cloud.shown, environment.cloud),
    webhookSecret: environment.webhookSecret,
    redis: { ...redis, url: environment.redisUrl ?? redis.url },
    overridden: Object.keys(environment.values),
    openscan: openscan && {
      ...openscan,
      outvoted: Object.keys(openscan.values).filter((key) => key in (written ?? {})),
    },
  };
}

export const firmwareFile = (settings: string, project: string): SettingsFile =>
  new SettingsFile(path.join(settings, "firmware.json"), project);

/** A settings folder of the owner's own may lean on the profiles that the project ships. */
export const profilesOf = (folders: { settings: string; project: string }): Promise<Map<string, string>> =>
  findProfiles([folders.settings, path.join(folders.project, "settings")]);

/** Each over the one before it. */
export interface Layers {
  /** Of another system's file; already held against its schema. */
  readonly beneath: Tree;
  /** Of firmware.json, or null where there is none. */
  readonly written: Tree | null;
  /** By dotted key. */
  readonly environment: Readonly<Record<string, unknown>>;
}

/** @param where the file, or whoever else wrote `written` @throws INVALID_SETTINGS */
export function firmwareFrom({ beneath, written, environment }: Layers, where: string): Firmware {
  parseStrictly(firmwareSchema, written ?? {}, where);
  const laid = merge(merge(beneath, written ?? {}), treeOf(environment));
  return parseStrictly(firmwareSchema, laid, where);
}

async function refuseMissing(directory: string | undefined): Promise<void> {
  if (directory === undefined) return;
  const found = await stat(directory).catch(() => null);
  if (!found?.isDirectory())
    throw invalidSettings("the environment", [
      { path: "ARMATURE_SETTINGS_DIR", message: `there is no directory ${directory}`, found: directory },
    ]);
}
