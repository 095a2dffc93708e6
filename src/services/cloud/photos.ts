// The photos of a project that go to the cloud: of each scan the stacked ones, where there are any, else all.
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { RuntimeError } from "../../errors/runtime-error.ts";
import { projectFolder } from "../project-name.ts";
import { scanDirectory, scanName } from "../scan-folder.ts";

export interface PhotoFile {
  /** Within the archive. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  readonly bytes: number;
  readonly takenAt: Date;
}

/**
 * In the order of their names.
 * @param scanIndices default: every scan there is
 * @throws FILE_NOT_FOUND for a project or scan that is not there, NO_PHOTOS, PATH_REFUSED
 */
export async function photosOf(
  dataDirectory: string,
  project: string,
  scanIndices?: readonly number[],
): Promise<PhotoFile[]> {
  const folder = path.join("projects", projectFolder(project));
  const names = await namesIn(dataDirectory, folder);
  const there = names.flatMap((name) => /^scan(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  const wanted = [...new Set(scanIndices ?? there)].sort((a, b) => a - b);
  const photos: PhotoFile[] = [];
  for (const index of wanted) {
    const scan = scanDirectory({ dataDirectory, project, index });
    const taken = await photosIn(dataDirectory, scan, `${scanName(index)}_`);
    const hasStacked = (await namesIn(dataDirectory, scan)).includes("stacked");
    const stacked = hasStacked
      ? await photosIn(dataDirectory, path.join(scan, "stacked"), `stacked_${scanName(index)}_`)
      : [];
    photos.push(...(stacked.length > 0 ? stacked : taken));
  }
  if (photos.length > 0) return photos;
  throw new RuntimeError("NO_PHOTOS", { project, scans: wanted });
}

async function photosIn(dataDirectory: string, folder: string, prefix: string): Promise<PhotoFile[]> {
  const names = (await namesIn(dataDirectory, folder))
    .filter((name) => name.startsWith(prefix) && /\.jpe?g$/i.test(name))
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const file = path.join(dataDirectory, folder, name);
      const { size, mtime } = await stat(file);
      return { name, file, bytes: size, takenAt: mtime };
    }),
  );
}

async function namesIn(dataDirectory: string, folder: string): Promise<string[]> {
  try {
    const entries = await readdir(path.join(dataDirectory, folder), { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isSymbolicLink() ? [] : [entry.name]));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new RuntimeError(
      "FILE_NOT_FOUND",
      { path: folder, directories: ["the data directory"] },
      { cause },
    );
  }
}
