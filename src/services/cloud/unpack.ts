// A ZIP file from elsewhere into a folder: nothing leaves the folder, nothing is a link, and nothing is larger than it says.
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import { type Entry, openPromise, type ZipFile } from "yauzl";
import { RuntimeError, sentenceOf } from "../../errors/runtime-error.ts";
import { syncDirectory } from "../../lib/durable-file.ts";

export interface UnpackLimits {
  readonly max_model_bytes: number;
  readonly max_model_files: number;
}

export interface Unpacked {
  readonly files: number;
  readonly bytes: number;
}

const longestName = 1000;
const deepest = 32;

/**
 * Everything is looked at before anything is written. Resolves when it survives a power cut.
 * @param into absolute, empty
 * @param ready told how many bytes there will be, before the first is written
 * @throws CLOUD_MODEL_REFUSED
 */
export async function unpack(
  file: string,
  into: string,
  limits: UnpackLimits,
  told: { readonly signal: AbortSignal; ready(bytes: number): Promise<void>; onBytes(count: number): void },
): Promise<Unpacked> {
  const zip = await openPromise(file, { lazyEntries: true, autoClose: false, strictFileNames: true }).catch(
    (error: unknown) => {
      throw refused(sentenceOf(error));
    },
  );
  try {
    const entries = await entriesOf(zip, limits);
    const bytes = entries.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
    await told.ready(bytes);
    const folders = new Set([into]);
    for (const entry of entries) {
      told.signal.throwIfAborted();
      await write(zip, entry, into, folders, told);
    }
    for (const folder of [...folders].sort().reverse()) await syncDirectory(folder);
    return { files: entries.length, bytes };
  } finally {
    zip.close();
  }
}

/** Its files; folders come with them. */
async function entriesOf(zip: ZipFile, limits: UnpackLimits): Promise<Entry[]> {
  if (zip.entryCount > limits.max_model_files)
    throw refused(
      `it holds ${zip.entryCount} files, more than the ${limits.max_model_files} that are allowed`,
    );
  const entries: Entry[] = [];
  const names = new Set<string>();
  let bytes = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      const problem = problemOf(entry, names);
      if (problem !== null) throw refused(`${shown(entry.fileName)} ${problem}`);
      names.add(entry.fileName);
      bytes += entry.uncompressedSize;
      if (bytes > limits.max_model_bytes)
        throw refused(`it would unpack to more than the ${limits.max_model_bytes} bytes that are allowed`);
      if (!entry.fileName.endsWith("/")) entries.push(entry);
    }
  } catch (error) {
    throw error instanceof RuntimeError ? error : refused(sentenceOf(error));
  }
  if (entries.length === 0) throw refused("it holds no file");
  return entries;
}

/** The kind of file, as Unix writes it; 0 where the archive was made elsewhere. */
const kinds = { mask: 0o170000, file: 0o100000, folder: 0o040000 };

function problemOf(entry: Entry, names: ReadonlySet<string>): string | null {
  const { fileName, externalFileAttributes } = entry;
  const kind = (externalFileAttributes >>> 16) & kinds.mask;
  if (kind !== 0 && kind !== kinds.file && kind !== kinds.folder) return "is a link or a device";
  if (entry.isEncrypted()) return "is encrypted";
  if (!entry.canDecodeFileData()) return "is compressed in a way that is not known here";
  const steps = fileName.replace(/\/$/, "").split("/");
  if (path.isAbsolute(fileName) || /^[a-z]:/i.test(fileName)) return "is an absolute path";
  if (steps.some((step) => step === "" || step === "." || step === "..")) return "leads out of its folder";
  if (/[\p{Cc}\\]/u.test(fileName)) return "has a name that is no file's";
  if (steps.length > deepest || Buffer.byteLength(fileName) > longestName) return "has too long a name";
  return names.has(fileName) ? "is there twice" : null;
}

async function write(
  zip: ZipFile,
  entry: Entry,
  into: string,
  folders: Set<string>,
  { signal, onBytes }: { readonly signal: AbortSignal; onBytes(count: number): void },
): Promise<void> {
  const target = path.join(into, entry.fileName);
  for (let folder = path.dirname(target); folder.length > into.length; folder = path.dirname(folder))
    folders.add(folder);
  let sum = 0;
  const checking = new Transform({
    transform(chunk: Buffer, _, next) {
      sum = crc32(chunk, sum);
      onBytes(chunk.length);
      next(null, chunk);
    },
  });
  try {
    await mkdir(path.dirname(target), { recursive: true });
    const content = await zip.openReadStreamPromise(entry);
    await pipeline(content, checking, createWriteStream(target, { flags: "wx", flush: true }), { signal });
  } catch (error) {
    // A disk that is full says so by itself; a file where a folder should be is the archive's fault.
    const { code } = error as NodeJS.ErrnoException;
    if (signal.aborted || code === "ENOSPC" || code === "EIO" || code === "EDQUOT") throw error;
    throw refused(`${shown(entry.fileName)}: ${sentenceOf(error).replaceAll(into, "")}`);
  }
  if (sum !== entry.crc32) throw refused(`${shown(entry.fileName)} is damaged`);
}

const refused = (problem: string): RuntimeError => new RuntimeError("CLOUD_MODEL_REFUSED", { problem });

const shown = (name: string): string => JSON.stringify(name.length > 100 ? `${name.slice(0, 99)}…` : name);
