// Opens files for the wire. A path from a record or a request never leaves the directories it is measured against.
import { open, realpath } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { RuntimeError } from "../errors/runtime-error.ts";

export interface OpenFile {
  readonly bytes: number;
  readonly stream: ReadableStream<Uint8Array>;
}

export interface Files {
  /**
   * @param file relative to the first directory, or absolute and below one of them
   * @throws PATH_REFUSED outside of all of them (links are followed), FILE_NOT_FOUND
   */
  open(file: string): Promise<OpenFile>;
}

/** @param directories absolute; read anew at every call. The first is the data directory. */
export function filesBelow(directories: () => readonly [string, ...string[]]): Files {
  return {
    async open(file) {
      const allowed = directories();
      const wanted = path.resolve(allowed[0], file);
      const refused = (): RuntimeError =>
        new RuntimeError("PATH_REFUSED", { path: file, directories: allowed });
      if (file.includes("\0") || !allowed.some((directory) => isBelow(wanted, directory))) throw refused();
      const missing = (cause: unknown): RuntimeError =>
        new RuntimeError("FILE_NOT_FOUND", { path: file, directories: allowed }, { cause });
      const real = await realpath(wanted).catch((cause: unknown) => Promise.reject(missing(cause)));
      const realDirectories = await Promise.all(
        allowed.map((directory) => realpath(directory).catch(() => null)),
      );
      if (!realDirectories.some((directory) => directory !== null && isBelow(real, directory)))
        throw refused();
      const handle = await open(real, "r").catch((cause: unknown) => Promise.reject(missing(cause)));
      const facts = await handle.stat();
      if (!facts.isFile()) {
        await handle.close();
        throw missing(null);
      }
      const stream = Readable.toWeb(handle.createReadStream()) as ReadableStream<Uint8Array>;
      return { bytes: facts.size, stream };
    },
  };
}

function isBelow(file: string, directory: string): boolean {
  const relative = path.relative(directory, file);
  return (
    relative !== "" &&
    relative !== ".." &&
    !relative.startsWith(`..${path.sep}`) &&
    !path.isAbsolute(relative)
  );
}
