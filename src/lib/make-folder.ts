// Makes a folder and those above it. Node's own `recursive` never comes back (seen on Node 20) where a file system answers
// "no such folder" when one is made in a folder that is there, as /proc and folders of an automounter do.
import { mkdir, stat } from "node:fs/promises";
import path from "node:path";

/** Resolves when it is there. @throws what the file system says */
export async function makeFolder(folder: string): Promise<void> {
  if (await isMadeOrThere(folder)) return;
  await makeFolder(path.dirname(folder));
  if (!(await isMadeOrThere(folder))) throw new Error(`nothing can be made in ${path.dirname(folder)}`);
}

/** False where there is nothing yet to make it in. */
async function isMadeOrThere(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && path.dirname(folder) !== folder) return false;
    if ((await stat(folder).catch(() => null))?.isDirectory()) return true;
    throw error;
  }
}
