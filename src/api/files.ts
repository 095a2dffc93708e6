// Opens files for the wire. A path from a record or a request never leaves the directories it is measured against.
import { constants, createReadStream } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import path from "node:path";
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
      const facts = await stat(real).catch((cause: unknown) => Promise.reject(missing(cause)));
      if (!facts.isFile()) throw missing(null);
      await access(real, constants.R_OK).catch((cause: unknown) => Promise.reject(missing(cause)));
      return { bytes: facts.size, stream: contentOf(real) };
    },
  };
}

/** Opened when somebody reads it: of an answer to HEAD, or to a client that has left, nobody does. */
function contentOf(file: string): ReadableStream<Uint8Array> {
  let chunks: NodeJS.AsyncIterator<Buffer> | null = null;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        chunks ??= createReadStream(file)[Symbol.asyncIterator]();
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks?.return?.();
      },
    },
    { highWaterMark: 0 },
  );
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
