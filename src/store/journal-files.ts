// The few file operations the journal is made of, so that tests can put faults around the real disk.
// Knows nothing of lines and records.
import { constants, write } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { syncDirectory } from "../lib/durable-file.ts";

export interface JournalFile {
  /** Writes all or some of `bytes` at `position`; resolves with how many. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Resolves when the content survives a power cut. After a failure nothing is known about what was written. */
  sync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  /** Resolves when zeros stand from `from` to `to` and the disk has its place for them: what is written there later is quicker. */
  reserve(from: number, to: number): Promise<void>;
  /** Twice without harm. */
  close(): Promise<void>;
}

/** Paths are absolute. Errors are those of node:fs, with their `code`. */
export interface JournalFiles {
  /**
   * Makes a new, empty file. @throws EEXIST
   * @param kind a journal is written in small pieces, each to be synced; a snapshot in large ones, synced at the end
   */
  create(file: string, kind: "journal" | "snapshot"): Promise<JournalFile>;
  read(file: string): Promise<Buffer>;
  /** The names in `directory`. */
  list(directory: string): Promise<string[]>;
  makeDirectory(directory: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** No harm where the file is not there. */
  remove(file: string): Promise<void>;
  /** Resolves when the names in `directory` survive a power cut. */
  syncDirectory(directory: string): Promise<void>;
}

export const nodeFiles: JournalFiles = {
  async create(file, kind) {
    const { O_CREAT, O_DSYNC = 0, O_EXCL, O_WRONLY } = constants;
    // Written and synced in one call: a second trip to the thread pool would cost half as much again.
    const syncs = kind === "journal" && O_DSYNC !== 0;
    const handle = await open(file, O_CREAT | O_EXCL | O_WRONLY | (syncs ? O_DSYNC : 0));
    return {
      // The handle's own write costs twice as much per call; small batches feel it.
      write: (bytes, position) =>
        new Promise((resolve, reject) => {
          write(handle.fd, bytes, 0, bytes.length, position, (error, written) =>
            error ? reject(error) : resolve(written),
          );
        }),
      sync: () => (syncs ? Promise.resolve() : handle.datasync()),
      truncate: (bytes) => handle.truncate(bytes),
      reserve: (from, to) => writeZeros(file, from, to),
      close: () => handle.close(),
    };
  },
  read: (file) => readFile(file),
  list: (directory) => readdir(directory),
  makeDirectory: async (directory) => {
    await mkdir(directory, { recursive: true });
  },
  rename: (from, to) => rename(from, to),
  remove: (file) => rm(file, { force: true }),
  syncDirectory: (directory) => syncDirectory(directory),
};

/** Through a descriptor of its own, synced once at the end and not with each piece. */
async function writeZeros(file: string, from: number, to: number): Promise<void> {
  const handle = await open(file, constants.O_WRONLY);
  try {
    // In one call: a trip to the thread pool for each piece costs the event loop more than the zeros cost the disk.
    for (let at = from; at < to; ) {
      const whole = Array.from({ length: Math.floor((to - at) / zeros.length) }, () => zeros);
      const { bytesWritten } = await handle.writev(
        [...whole, zeros.subarray(0, (to - at) % zeros.length)],
        at,
      );
      at += bytesWritten;
    }
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

const zeros = new Uint8Array(64 * 1024);

/** Writes until everything is written: the disk may take less at a time. */
export async function writeAll(file: JournalFile, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const taken = await file.write(done === 0 ? bytes : bytes.subarray(done), position + done);
    if (taken === 0) throw new Error("the disk took no more bytes");
    done += taken;
  }
}

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error ? String(error.code) : undefined;
