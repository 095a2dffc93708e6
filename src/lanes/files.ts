// Where a task may read and write: links and `..` never lead out. The same in the event loop and in workers.
import { mkdirSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { RuntimeError } from "../errors/runtime-error.ts";
import { type Clock, isoTime } from "../lib/clock.ts";
import type { TaskFiles } from "../task/context.ts";
import type { WrittenFile } from "../task/record.ts";

export interface TaskFilesOptions {
  /** Absolute. */
  readonly dataDirectory: string;
  /** Absolute; read anew at every use. */
  readonly mediaDirectories: () => readonly string[];
  readonly taskId: string;
}

export function createTaskFiles(options: TaskFilesOptions): TaskFiles {
  const data = path.resolve(options.dataDirectory);
  return {
    data,
    get own() {
      const own = path.join(data, "files", options.taskId);
      mkdirSync(own, { recursive: true });
      return own;
    },
    resolve: (file) => resolveBelow(file, [data, ...options.mediaDirectories().map((d) => path.resolve(d))]),
  };
}

function resolveBelow(file: string, directories: readonly string[]): string {
  const roots = directories.map((directory) => realpathOf(directory) ?? directory);
  let missing = false;
  let leadsOut = false;
  for (const directory of directories) {
    const wanted = path.resolve(directory, file);
    const found = realpathOf(wanted);
    if (found !== null && roots.some((root) => isBelow(found, root))) return found;
    if (!isBelow(wanted, directory)) continue;
    if (found === null) missing = true;
    else leadsOut = true;
  }
  const code = missing && !leadsOut ? "FILE_NOT_FOUND" : "PATH_REFUSED";
  throw new RuntimeError(code, { path: file, directories });
}

function realpathOf(file: string): string | null {
  try {
    return realpathSync(file);
  } catch {
    return null;
  }
}

function isBelow(file: string, directory: string): boolean {
  const relative = path.relative(directory, file);
  return relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

const types: Readonly<Record<string, string>> = {
  ".csv": "text/csv",
  ".gif": "image/gif",
  ".html": "text/html",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".obj": "model/obj",
  ".pdf": "application/pdf",
  ".ply": "model/ply",
  ".png": "image/png",
  ".stl": "model/stl",
  ".svg": "image/svg+xml",
  ".tif": "image/tiff",
  ".tiff": "image/tiff",
  ".txt": "text/plain",
  ".webp": "image/webp",
  ".xml": "application/xml",
  ".zip": "application/zip",
};

/** @throws PATH_REFUSED, FILE_NOT_FOUND */
export function artifactOf(clock: Clock, files: TaskFiles, file: string, name?: string): WrittenFile {
  const found = files.resolve(file);
  const data = realpathOf(files.data) ?? files.data;
  return {
    name: name ?? path.basename(file),
    file: isBelow(found, data) ? path.relative(data, found).split(path.sep).join("/") : found,
    type: types[path.extname(found).toLowerCase()] ?? "application/octet-stream",
    bytes: statSync(found).size,
    created_at: isoTime(clock.now()),
  };
}
