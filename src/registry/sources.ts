// The text of task files and of the files they import by relative paths, read once per round. Runs nothing.
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";

export interface Source {
  readonly text: string;
  /** sha256 of the content, hex. */
  readonly hash: string;
  /** The relative paths it imports, as they are written. */
  readonly imports: readonly string[];
}

export interface Reading {
  readonly source: Source;
  /** Changes when the file or anything it imports by a relative path changes. */
  readonly fingerprint: string;
  /** The files it imports by relative paths, directly or not; absolute. */
  readonly helpers: readonly string[];
}

export class Sources {
  readonly #read = new Map<string, Promise<Source | null>>();

  /** @throws the error of the file system when the file itself cannot be read, or a TooLarge */
  async reading(file: string): Promise<Reading> {
    const source = sourceOf(await contentOf(file));
    this.#read.set(file, Promise.resolve(source));
    const helpers = new Map<string, string>();
    await this.#follow(file, source, helpers);
    helpers.delete(file);
    const sorted = [...helpers].sort(([a], [b]) => (a < b ? -1 : 1));
    const digest = createHash("sha256").update(source.hash);
    for (const [helper, hash] of sorted) digest.update(`\n${helper} ${hash}`);
    return { source, fingerprint: digest.digest("hex"), helpers: sorted.map(([helper]) => helper) };
  }

  async #follow(from: string, source: Source, found: Map<string, string>): Promise<void> {
    for (const specifier of source.imports) {
      for (const file of spellings(path.resolve(path.dirname(from), specifier))) {
        if (found.has(file)) break;
        const helper = await this.#source(file);
        if (helper === null) continue;
        found.set(file, helper.hash);
        await this.#follow(file, helper, found);
        break;
      }
    }
  }

  #source(file: string): Promise<Source | null> {
    let source = this.#read.get(file);
    if (source === undefined) {
      source = contentOf(file).then(sourceOf, (error) => (error instanceof TooLarge ? error.source : null));
      this.#read.set(file, source);
    }
    return source;
  }
}

/** Code is written by hand; what is larger was made by a program, or is no code. */
const mostBytes = 1024 * 1024;

export class TooLarge extends Error {
  /** What is known without reading it. */
  readonly source: Source;

  constructor(bytes: number, changedAt: number) {
    super(`it has ${bytes} bytes, and may have ${mostBytes}`);
    this.source = { text: "", hash: `${bytes} bytes of ${changedAt}`, imports: [] };
  }
}

/** A pipe would keep its reader waiting for ever. */
async function contentOf(file: string): Promise<Buffer> {
  const found = await stat(file);
  if (!found.isFile()) throw new Error("it is no regular file");
  if (found.size > mostBytes) throw new TooLarge(found.size, found.mtimeMs);
  return readFile(file);
}

function sourceOf(content: Buffer): Source {
  const text = content.toString("utf8");
  return { text, hash: createHash("sha256").update(content).digest("hex"), imports: relativeImports(text) };
}

/**
 * Read as text: one that is only mentioned in a comment costs a needless reload, nothing more. No more than 99 spaces:
 * with any number of them a text could be made that takes hours.
 */
function relativeImports(text: string): string[] {
  const found = text.matchAll(/(?:\bfrom|\bimport)\s{0,99}\(?\s{0,99}["'](\.{1,2}\/[^"']+)["']/g);
  return [...new Set([...found].map((match) => match[1] as string))];
}

/** The same files in the same order as the door (src/task/door/hook.mjs) tries them. */
function spellings(file: string): string[] {
  if (/\.m?js$/.test(file)) return [file, file.replace(/js$/, "ts")];
  if (/\.\w+$/.test(file)) return [file];
  return [".ts", ".js", ".mts", ".mjs"].map((ending) => file + ending);
}
