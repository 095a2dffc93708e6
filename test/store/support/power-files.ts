// The real disk, and beside it what of it would survive a power cut now: synced content under synced names.
// Of what was not synced, chance decides block by block and name by name, as a disk does.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { type JournalFile, type JournalFiles, nodeFiles } from "../../../src/store/journal-files.ts";
import { below, type Random } from "../../random.ts";

interface Node {
  content: Buffer;
  durable: Buffer;
  readonly isDirectory: boolean;
}

interface Names {
  readonly now: Map<string, Node>;
  readonly durable: Map<string, Node>;
  /** Not yet synced: any of them may survive. */
  unsynced: ((names: Map<string, Node>) => void)[];
}

const blockBytes = 64;

export class PowerFiles implements JournalFiles {
  readonly #root: string;
  readonly #directories = new Map<string, Names>();

  /** @param root a directory that is there and durable, and empty or as `survive` left it */
  constructor(root: string) {
    this.#root = root;
  }

  /** Takes what is on the disk as durable; call once before use. */
  async load(): Promise<this> {
    const walk = async (directory: string): Promise<void> => {
      for (const name of await nodeFiles.list(directory)) {
        const file = path.join(directory, name);
        const content = await nodeFiles.read(file).catch(() => null);
        const node = {
          content: content ?? Buffer.alloc(0),
          durable: content ?? Buffer.alloc(0),
          isDirectory: !content,
        };
        this.#names(directory).now.set(name, node);
        this.#names(directory).durable.set(name, node);
        if (!content) await walk(file);
      }
    };
    await walk(this.#root);
    return this;
  }

  /** Writes what a power cut now would leave into `target`. */
  async survive(target: string, random: Random): Promise<void> {
    const write = async (from: string, to: string): Promise<void> => {
      const names = this.#names(from);
      const left = new Map(names.durable);
      for (const change of names.unsynced) if (random() < 0.5) change(left);
      await mkdir(to, { recursive: true });
      for (const [name, node] of left) {
        if (node.isDirectory) await write(path.join(from, name), path.join(to, name));
        else await writeFile(path.join(to, name), torn(node, random));
      }
    };
    await write(this.#root, target);
  }

  async create(file: string, kind: "journal" | "snapshot"): Promise<JournalFile> {
    const handle = await nodeFiles.create(file, kind);
    const node: Node = { content: Buffer.alloc(0), durable: Buffer.alloc(0), isDirectory: false };
    this.#change(file, (names) => names.set(path.basename(file), node));
    return {
      async write(bytes, position) {
        const taken = await handle.write(bytes, position);
        const content = Buffer.alloc(Math.max(node.content.length, position + taken));
        node.content.copy(content);
        content.set(bytes.subarray(0, taken), position);
        node.content = content;
        return taken;
      },
      async sync() {
        const synced = node.content;
        await handle.sync();
        node.durable = synced;
      },
      async reserve(from, to) {
        await handle.reserve(from, to);
        const content = Buffer.alloc(Math.max(node.content.length, to));
        node.content.copy(content);
        node.content = content.fill(0, from, to);
      },
      async truncate(bytes) {
        await handle.truncate(bytes);
        node.content = node.content.subarray(0, bytes);
      },
      close: () => handle.close(),
    };
  }

  read = (file: string) => nodeFiles.read(file);
  list = (directory: string) => nodeFiles.list(directory);

  async makeDirectory(directory: string): Promise<void> {
    await nodeFiles.makeDirectory(directory);
    if (directory === this.#root || this.#names(path.dirname(directory)).now.has(path.basename(directory)))
      return;
    const node: Node = { content: Buffer.alloc(0), durable: Buffer.alloc(0), isDirectory: true };
    this.#change(directory, (names) => names.set(path.basename(directory), node));
  }

  async rename(from: string, to: string): Promise<void> {
    await nodeFiles.rename(from, to);
    const node = this.#names(path.dirname(from)).now.get(path.basename(from));
    if (!node || path.dirname(from) !== path.dirname(to))
      throw new Error("this model renames within a folder");
    this.#change(from, (names) => {
      names.delete(path.basename(from));
      names.set(path.basename(to), node);
    });
  }

  async remove(file: string): Promise<void> {
    await nodeFiles.remove(file);
    this.#change(file, (names) => names.delete(path.basename(file)));
  }

  async syncDirectory(directory: string): Promise<void> {
    const names = this.#names(directory);
    const synced = names.unsynced.length;
    await nodeFiles.syncDirectory(directory);
    for (const change of names.unsynced.splice(0, synced)) change(names.durable);
  }

  #names(directory: string): Names {
    const names = this.#directories.get(directory) ?? { now: new Map(), durable: new Map(), unsynced: [] };
    this.#directories.set(directory, names);
    return names;
  }

  #change(file: string, change: (names: Map<string, Node>) => void): void {
    const names = this.#names(path.dirname(file));
    change(names.now);
    names.unsynced.push(change);
  }
}

/** Each block as it was synced or as it was written last; what was never written reads as zeros. */
function torn({ content, durable }: Node, random: Random): Buffer {
  const length =
    random() < 0.5 ? durable.length : Math.max(durable.length, below(random, content.length + 1));
  const left = Buffer.alloc(length);
  durable.copy(left);
  const written = Math.min(length, content.length); // shorter than what was synced where the end was cut off since
  for (let at = 0; at < written; at += blockBytes) {
    if (random() < 0.5) content.copy(left, at, at, Math.min(at + blockBytes, length));
  }
  return left;
}
