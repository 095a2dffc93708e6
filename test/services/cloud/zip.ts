// ZIP files of a test: made well, and then made wrong.
import { buffer } from "node:stream/consumers";
import { fromBufferPromise } from "yauzl";
import { type Options, ZipFile } from "yazl";

export interface Entry {
  readonly content: string | Uint8Array;
  readonly options?: Partial<Options>;
}

export async function zipOf(entries: Readonly<Record<string, string | Uint8Array | Entry>>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, entry] of Object.entries(entries)) {
    const { content, options = {} } = isEntry(entry) ? entry : { content: entry };
    zip.addBuffer(Buffer.from(content as string), name, options);
  }
  zip.end();
  return buffer(zip.outputStream as NodeJS.ReadableStream as AsyncIterable<Buffer>);
}

const isEntry = (entry: string | Uint8Array | Entry): entry is Entry =>
  typeof entry === "object" && "content" in entry;

/** Every occurrence of the bytes replaced by others, as many. */
export function patched(zip: Buffer, from: string | Buffer, to: string | Buffer): Buffer {
  const [wanted, other] = [Buffer.from(from as string), Buffer.from(to as string)];
  if (wanted.length !== other.length) throw new Error("a patch keeps the length");
  const copy = Buffer.from(zip);
  for (let at = copy.indexOf(wanted); at !== -1; at = copy.indexOf(wanted, at + 1)) other.copy(copy, at);
  return copy;
}

/** What is in it, by name. */
export async function contentsOf(zip: Buffer): Promise<Map<string, Buffer>> {
  const file = await fromBufferPromise(zip, { lazyEntries: true });
  const contents = new Map<string, Buffer>();
  for await (const entry of file.eachEntry())
    contents.set(entry.fileName, await buffer(await file.openReadStreamPromise(entry)));
  return contents;
}
