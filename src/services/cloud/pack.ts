// Photos into one ZIP file. They are stored as they are: a JPEG does not become smaller by DEFLATE.
import { createReadStream, createWriteStream, type ReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ZipFile } from "yazl";
import { counted } from "./http.ts";
import type { PhotoFile } from "./photos.ts";

/**
 * Replaces `file`; resolves when it survives a power cut.
 * @returns its size in bytes
 */
export async function pack(
  photos: readonly PhotoFile[],
  file: string,
  { signal, onBytes }: { readonly signal: AbortSignal; onBytes(count: number): void },
): Promise<number> {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  let open: ReadStream | null = null;
  zip.on("error", (error: Error) => output.destroy(error));
  for (const photo of photos) {
    const options = { size: photo.bytes, mtime: photo.takenAt, compress: false, mode: 0o100644 };
    zip.addReadStreamLazy(photo.name, options, (give) => {
      open = createReadStream(photo.file);
      open.on("error", (error) => output.destroy(error));
      give(null, open);
    });
  }
  zip.end();
  try {
    await pipeline(output, counted(onBytes), createWriteStream(file, { flush: true }), { signal });
  } finally {
    (open as ReadStream | null)?.destroy();
  }
  return (await stat(file)).size;
}

/** What a ZIP file adds for each photo: two headers with the name in each, time stamps, sizes. */
export const packedBytes = (photos: readonly PhotoFile[]): number =>
  photos.reduce((sum, { bytes, name }) => sum + bytes + 2 * Buffer.byteLength(name) + 200, 1000);
