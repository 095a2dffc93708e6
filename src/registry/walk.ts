// Finds the files of one folder that may hold tasks, by their names. Links are followed, each real folder entered once.
import { type Dirent, type PathLike, readdir } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import glob from "fast-glob";
import { sentenceOf } from "../errors/runtime-error.ts";

export interface Walked {
  /** Absolute, as they are reached from the folder. */
  readonly files: readonly string[];
  /** Where links lead, files and folders; absolute. */
  readonly linked: readonly string[];
  readonly unreadable: readonly { readonly folder: string; readonly problem: string }[];
}

const taskFile = /\.m?[tj]s$/;
const notTasks = /\.d\.m?ts$|\.test\./;
const ignore = ["**/_*", "**/_*/**", "**/node_modules/**"];

/** @param deep with its subfolders */
export async function walk(root: string, deep: boolean): Promise<Walked> {
  const files: string[] = [];
  const linked: string[] = [];
  const unreadable: { folder: string; problem: string }[] = [];
  const entered = new Set<string>();

  type Told = (error: NodeJS.ErrnoException | null, entries: Dirent[]) => void;
  /** A folder that cannot be read costs its own files alone, and is named. */
  const fs = {
    readdir(folder: PathLike, options: { withFileTypes: true }, told: Told) {
      readdir(folder, options, (error, entries) => {
        if (error && error.code !== "ENOENT")
          unreadable.push({ folder: String(folder), problem: sentenceOf(error) });
        told(error, entries);
      });
    },
  };

  const enter = async (folder: string): Promise<void> => {
    // Links may lead in circles, or nowhere.
    const real = await realpath(folder).catch(() => null);
    if (real === null || entered.has(real)) return;
    entered.add(real);
    const entries = await glob(deep ? "**" : "*", {
      cwd: folder,
      ignore,
      absolute: true,
      objectMode: true,
      onlyFiles: false,
      followSymbolicLinks: false,
      suppressErrors: true,
      fs: fs as unknown as glob.FileSystemAdapter,
    });
    for (const { path: at, dirent } of entries) {
      if (dirent.isDirectory()) entered.add(path.join(real, path.relative(folder, at)));
      else if (dirent.isFile()) take(at);
    }
    for (const { path: at, dirent } of entries) if (dirent.isSymbolicLink()) await follow(at);
  };

  const take = (file: string): boolean => {
    const isTask = taskFile.test(file) && !notTasks.test(path.basename(file));
    if (isTask) files.push(file);
    return isTask;
  };

  const follow = async (link: string): Promise<void> => {
    const kind = await stat(link).catch(() => null);
    if (!kind || (kind.isDirectory() ? !deep : !kind.isFile() || !take(link))) return;
    linked.push(await realpath(link));
    if (kind.isDirectory()) await enter(link);
  };

  await enter(root);
  return { files, linked, unreadable };
}
