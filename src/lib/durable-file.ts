// A file that is whole after a power cut: written beside, synced, renamed, the directory synced.
import { mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";

let unique = 0;

/**
 * Replaces `file` (making its folder); resolves when the new content survives a power cut.
 * @param mode who may read it, as in 0o600
 */
export async function writeDurably(file: string, content: string | Uint8Array, mode?: number): Promise<void> {
  const beside = `${file}.${process.pid}-${++unique}.tmp`;
  await mkdir(path.dirname(file), { recursive: true });
  try {
    const handle = await open(beside, "wx", mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await syncDirectory(path.dirname(file));
}

/** Makes names created, renamed or removed in `directory` survive a power cut. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
