// The real disk with faults around it: any operation can fail, be cut short, or be the one that never happens.
import { type JournalFile, type JournalFiles, nodeFiles } from "../../../src/store/journal-files.ts";

export type Operation =
  | "create"
  | "write"
  | "sync"
  | "truncate"
  | "reserve"
  | "close"
  | "read"
  | "list"
  | "makeDirectory"
  | "rename"
  | "remove"
  | "syncDirectory";

/** `short`: half of a write is done, then the error. `end`: this and everything after never happens. */
export type Fault = { readonly code: string; readonly short?: boolean } | "end" | null;

/** Says for each operation what becomes of it; `index` counts from 0. */
export type Plan = (operation: Operation, index: number, path: string) => Fault;

export class FaultyFiles implements JournalFiles {
  plan: Plan;
  count = 0;
  /** Resolves when the plan has said `end`. */
  readonly ended: Promise<void>;
  readonly #end: () => void;
  #isEnded = false;
  readonly #disk: JournalFiles;
  readonly #open = new Set<JournalFile>();
  readonly #underWay = new Set<Promise<unknown>>();
  #gate: Promise<unknown> = Promise.resolve();

  /** @param disk what lies beneath; default the real one */
  constructor(plan: Plan = () => null, disk: JournalFiles = nodeFiles) {
    this.plan = plan;
    this.#disk = disk;
    let end = (): void => undefined;
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    this.#end = end;
  }

  /** Closes what an ended process left open. */
  async release(): Promise<void> {
    await Promise.allSettled([...this.#open].map((file) => file.close()));
  }

  /** Does `work` while no operation is under way and none begins: what it sees of the disk is one moment. */
  frozen<T>(work: () => Promise<T>): Promise<T> {
    const quiet = async (): Promise<void> => {
      while (this.#underWay.size > 0) await Promise.allSettled([...this.#underWay]);
    };
    const done = quiet().then(work);
    this.#gate = done.catch(() => "the test is told");
    return done;
  }

  async create(path: string, kind: "journal" | "snapshot"): Promise<JournalFile> {
    const file = await this.#attempt("create", path, () => this.#disk.create(path, kind));
    this.#open.add(file);
    return {
      write: (bytes, position) =>
        this.#attempt(
          "write",
          path,
          () => file.write(bytes, position),
          () => file.write(bytes.subarray(0, bytes.length >> 1), position),
        ),
      sync: () => this.#attempt("sync", path, () => file.sync()),
      truncate: (bytes) => this.#attempt("truncate", path, () => file.truncate(bytes)),
      reserve: (from, to) =>
        this.#attempt(
          "reserve",
          path,
          () => file.reserve(from, to),
          () => file.reserve(from, from + ((to - from) >> 1)),
        ),
      close: async () => {
        await this.#attempt("close", path, () => file.close());
        this.#open.delete(file);
      },
    };
  }

  read = (path: string) => this.#attempt("read", path, () => this.#disk.read(path));
  list = (path: string) => this.#attempt("list", path, () => this.#disk.list(path));
  makeDirectory = (path: string) =>
    this.#attempt("makeDirectory", path, () => this.#disk.makeDirectory(path));
  rename = (from: string, to: string) => this.#attempt("rename", from, () => this.#disk.rename(from, to));
  remove = (path: string) => this.#attempt("remove", path, () => this.#disk.remove(path));
  syncDirectory = (path: string) =>
    this.#attempt("syncDirectory", path, () => this.#disk.syncDirectory(path));

  async #attempt<T>(
    operation: Operation,
    path: string,
    work: () => Promise<T>,
    half?: () => Promise<T>,
  ): Promise<T> {
    await this.#gate;
    const fault = this.#isEnded ? "end" : this.plan(operation, this.count++, path);
    if (fault === null) return this.#tracked(work());
    if (fault === "end") {
      this.#isEnded = true;
      this.#end();
      return new Promise<never>(() => undefined);
    }
    if (fault.short && half) await this.#tracked(half());
    throw Object.assign(new Error(`${fault.code}: injected, ${operation}`), { code: fault.code });
  }

  #tracked<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    return work.finally(() => this.#underWay.delete(work));
  }
}
