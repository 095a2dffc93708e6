// Which files may hold tasks, and where they come from. Looks at names only, never into a file.
import { realpath } from "node:fs/promises";
import path from "node:path";
import type { InspectionLimits } from "./inspection/misfortune.ts";
import { type Candidate, type Origin, origins } from "./plugin.ts";
import { isTrusted, type Trust } from "./trust.ts";
import { walk } from "./walk.ts";

export interface DiscoverySettings {
  /** False: the core set alone. */
  readonly enabled: boolean;
  /** Relative to the project, or absolute. */
  readonly folders: readonly string[];
  readonly includeSubfolders: boolean;
  /** File names with or without their ending, folder names, or paths relative to the project. */
  readonly ignoreModules: readonly string[];
  /** True: the later of two files that define the same task type wins. */
  readonly overrideOnConflict: boolean;
  /** Names that must be there, or null for what lies in tasks/core. */
  readonly requiredCoreTasks: readonly string[] | null;
  readonly trusted: Trust;
  /** Of files that are not trusted. */
  readonly inspection: InspectionLimits;
}

export interface Places {
  /** Absolute. */
  readonly projectRoot: string;
  /** Absolute, or relative to the project; null for none. */
  readonly externalDirectory: string | null;
}

export interface Folder {
  /** Absolute. */
  readonly path: string;
  readonly deep: boolean;
}

export interface Discovered {
  /** By origin, then by path: the same folders always give the same list. */
  readonly candidates: readonly Candidate[];
  readonly unreadable: readonly { readonly folder: string; readonly problem: string }[];
  /** The files and folders that links in the folders lead to; absolute. */
  readonly linked: readonly string[];
}

/** The folders that are looked through. The core set is always among them, with its subfolders: one per machine. */
export function foldersOf(
  { projectRoot, externalDirectory }: Places,
  settings: Pick<DiscoverySettings, "enabled" | "folders" | "includeSubfolders">,
): Folder[] {
  const core = path.resolve(projectRoot, "tasks/core");
  if (!settings.enabled) return [{ path: core, deep: true }];
  const listed = [...settings.folders, ...(externalDirectory === null ? [] : [externalDirectory])].map(
    (folder) => path.resolve(projectRoot, folder),
  );
  const others = [...new Set(listed)].filter((folder) => folder !== core);
  return [
    { path: core, deep: true },
    ...others.map((folder) => ({ path: folder, deep: settings.includeSubfolders })),
  ];
}

export async function discover(places: Places, settings: DiscoverySettings): Promise<Discovered> {
  const walked = await Promise.all(
    foldersOf(places, settings).map((folder) => walk(folder.path, folder.deep)),
  );
  const unreadable = walked
    .flatMap((one) => one.unreadable)
    .map(({ folder, problem }) => ({ folder: shownPath(places.projectRoot, folder), problem }));
  // Two folders may overlap, and links may lead to the same file.
  const found = new Map<string, Candidate>();
  for (const file of walked.flatMap((one) => one.files).sort(byCodeUnits)) {
    const real = await realpath(file).catch(() => null);
    if (real !== null && !found.has(real)) found.set(real, candidateOf(file, places, settings));
  }
  const candidates = [...found.values()].sort(
    (a, b) => origins.indexOf(a.origin) - origins.indexOf(b.origin) || byCodeUnits(a.path, b.path),
  );
  return { candidates, unreadable, linked: walked.flatMap((one) => one.linked) };
}

function candidateOf(file: string, places: Places, settings: DiscoverySettings): Candidate {
  const shown = shownPath(places.projectRoot, file);
  const origin = originOf(file, places);
  return {
    path: file,
    file: shown,
    origin,
    isTrusted: isTrusted(file, origin, settings.trusted, places.projectRoot),
    isIgnored: settings.ignoreModules.some((name) => isNamed(shown, name)),
  };
}

function originOf(file: string, { projectRoot, externalDirectory }: Places): Origin {
  if (isBelow(file, path.resolve(projectRoot, "tasks/core"))) return "core";
  if (isBelow(file, path.resolve(projectRoot, "tasks/examples"))) return "example";
  if (isBelow(file, path.resolve(projectRoot, "community-tasks"))) return "community";
  const external = externalDirectory !== null && isBelow(file, path.resolve(projectRoot, externalDirectory));
  return external ? "external" : "community";
}

function isNamed(shown: string, name: string): boolean {
  const bare = shown.replace(/\.\w+$/, "");
  return shown === name || bare === name || [...shown.split("/"), path.basename(bare)].includes(name);
}

export function shownPath(projectRoot: string, file: string): string {
  return isBelow(file, projectRoot) ? path.relative(projectRoot, file).split(path.sep).join("/") : file;
}

function isBelow(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== "" && !relative.startsWith("..") && !path.isAbsolute(relative);
}

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
