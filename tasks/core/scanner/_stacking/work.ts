// What there is to be stacked, and where the pictures go: the stacks of a scan, or the photos of one stack.
import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { GiveUp, type TaskFiles } from "armature/task";
import { scanName } from "../_project.ts";
import { groupsIn, type IncompleteGroup } from "./groups.ts";
import type { PhotoFile } from "./photos.ts";

export interface Stack {
  /** Orders the stacks: a number in digits. */
  readonly position: string;
  /** In the order of their focus. */
  readonly photos: readonly PhotoFile[];
  /** Where its picture goes, absolute. */
  readonly target: string;
}

export interface Work {
  /** One at least, by position, all of as many photos. */
  readonly stacks: readonly [Stack, ...Stack[]];
  /** What the owner calls each photo of a stack. */
  readonly focuses: readonly string[];
  readonly incomplete: readonly IncompleteGroup[];
  /** Where the pictures go, absolute. */
  readonly directory: string;
  readonly calibrationFile: string;
}

/** Of a scan, or of the photos of one stack. @throws GiveUp where there is nothing to stack */
export const workOf = (asked: Asked, files: TaskFiles): Work | Promise<Work> =>
  asked.project !== undefined && asked.scan_index !== undefined
    ? workOfScan(asked.project, asked.scan_index, files)
    : workOfPhotos(asked.photos ?? [], files);

interface Asked {
  readonly project?: string | undefined;
  readonly scan_index?: number | undefined;
  readonly photos?: readonly string[] | undefined;
}

function workOfPhotos(names: readonly string[], files: TaskFiles): Work {
  const photos = names.map((name) => ({ name, path: files.resolve(name) }));
  const directory = files.own;
  return {
    stacks: [{ position: "0", photos, target: path.join(directory, "stacked.jpg") }],
    focuses: names,
    incomplete: [],
    directory,
    calibrationFile: path.join(directory, "calibration.json"),
  };
}

async function workOfScan(project: string, index: number, files: TaskFiles): Promise<Work> {
  const scan = scanName(index);
  const folder = path.join("projects", project, scan);
  const names = await readdir(files.resolve(folder));
  const { complete, incomplete, focuses } = groupsIn(names);
  const directory = path.join(files.data, folder, "stacked");
  const [first, ...others] = complete.map(({ position, photos }) => ({
    position,
    photos: photos.map((name) => ({ name, path: files.resolve(path.join(folder, name)) })),
    target: path.join(directory, `stacked_${scan}_${position}.jpg`),
  }));
  if (!first || focuses.length < 2) {
    const lacking = incomplete.map(({ position, missing }) => `${position} lacks ${missing.join(", ")}`);
    throw new GiveUp(
      `${folder} has no complete focus stack: photos of one are named ${scan}_PPP_fsKK.jpg, two at least for each ` +
        `position PPP; of ${names.length} files ${focuses.length > 0 ? focuses.join(", ") : "none"} found` +
        `${lacking.length > 0 ? ` (${lacking.join("; ")})` : ""}. Scan with focus_stacks of 2 or more.`,
    );
  }
  await removeTorn(directory);
  const calibrationFile = path.join(directory, `calibration_${scan}.json`);
  return { stacks: [first, ...others], focuses, incomplete, directory, calibrationFile };
}

/** What a power cut left half-written. */
async function removeTorn(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const torn = (await readdir(directory)).filter((name) => name.endsWith(".tmp"));
  await Promise.all(torn.map((name) => rm(path.join(directory, name), { force: true })));
}
