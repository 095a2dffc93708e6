// The few file operations the journal is made of, so that tests can put faults around the real disk.
// Knows nothing of lines and records.
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { syncDirectory } from "../lib/durable-file.ts";

export interface JournalFile {
  /** Writes all or some of `bytes` at `position`; resolves with how many. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Resolves when the content survives a power cut. After a failure nothing is known about what was written. */
  sync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  /** Twice without harm. */
  close(): Promise<void>;
}

/** Paths are absolute. Errors are those of node:fs, with their `code`. */
export interface JournalFiles {
  /** Makes a new, empty file. @throws EEXIST */
  create(file: string): Promise<JournalFile>;
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
  async create(file) {
    const handle = await open(file, "wx");
    return {
      write: async (bytes, position) => (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
      sync: () => handle.datasync(),
      truncate: (bytes) => handle.truncate(bytes),
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
