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

/** @returns how many bytes may be written there @throws DISK_TOO_FULL where they are fewer than `bytes` */
export async function ensureRoom(directory: string, bytes: number, freeBytes: FreeBytes): Promise<number> {
  const room = (await freeBytes(directory)) - reserveBytes;
  if (room < bytes) throw tooFull(bytes, room);
  return room;
}

/** @param room as `ensureRoom` returns it */
export const tooFull = (bytes: number, room: number): RuntimeError =>
  new RuntimeError("DISK_TOO_FULL", {
    needed_mb: inMb(bytes + reserveBytes),
    free_mb: inMb(Math.max(0, room + reserveBytes)),
  });

const inMb = (bytes: number): number => Math.ceil(bytes / 1e6);
