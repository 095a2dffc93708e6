// Finds the files of one folder that may hold tasks, by their names. Links are followed, each real folder entered once.
import { readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { sentenceOf } from "../errors/runtime-error.ts";

export interface Walked {
  /** Absolute, as they are reached from the folder. */
  readonly files: readonly string[];
  /** Where links lead, files and folders; absolute. */
  readonly linked: readonly string[];
  readonly unreadable: readonly { readonly folder: string; readonly problem: string }[];
}

const endings = /\.m?[tj]s$/;
const notTasks = /^[._]|\.d\.m?ts$|\.test\./;
const notFolders = /^[._]|^node_modules$/;

/** @param deep with its subfolders */
export async function walk(root: string, deep: boolean): Promise<Walked> {
  const files: string[] = [];
  const linked: string[] = [];
  const unreadable: { folder: string; problem: string }[] = [];
  const entered = new Set<string>();

  const enter = async (folder: string): Promise<void> => {
    try {
      // Links may lead in circles.
      const real = await realpath(folder);
      if (entered.has(real)) return;
      entered.add(real);
      for (const entry of (await readdir(folder, { withFileTypes: true })).sort(byName))
        await look(path.join(folder, entry.name), entry.isSymbolicLink() ? null : entry);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : null;
      if (code !== "ENOENT") unreadable.push({ folder, problem: sentenceOf(error) });
    }
  };

  const look = async (file: string, known: Kind | null): Promise<void> => {
    const name = path.basename(file);
    // A link that leads nowhere is nothing.
    const kind = known ?? (await stat(file).catch(() => null));
    const isWanted = kind?.isDirectory()
      ? deep && !notFolders.test(name)
      : kind?.isFile() && endings.test(name) && !notTasks.test(name);
    if (!isWanted) return;
    if (known === null) linked.push(await realpath(file));
    if (kind?.isDirectory()) await enter(file);
    else files.push(file);
  };

  await enter(root);
  return { files, linked, unreadable };
}

interface Kind {
  isDirectory(): boolean;
  isFile(): boolean;
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number =>
  a.name < b.name ? -1 : 1;
