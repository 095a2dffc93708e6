// Whether the disk has room for what is about to be written.
import { statfs } from "node:fs/promises";
import { RuntimeError } from "../../errors/runtime-error.ts";

/** Bytes an ordinary user may still write in `directory`. */
export type FreeBytes = (directory: string) => Promise<number>;

export const freeBytesOf: FreeBytes = async (directory) => {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
};

/** What the runtime itself needs to go on: a full disk stops every task. */
const reserveBytes = 100 * 1024 ** 2;

/** @throws DISK_TOO_FULL */
export async function ensureRoom(directory: string, bytes: number, freeBytes: FreeBytes): Promise<void> {
  const free = await freeBytes(directory);
  const needed = bytes + reserveBytes;
  if (free < needed)
    throw new RuntimeError("DISK_TOO_FULL", { needed_mb: inMb(needed), free_mb: inMb(free) });
}

const inMb = (bytes: number): number => Math.ceil(bytes / 1e6);
