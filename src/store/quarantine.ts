// Where damaged data goes: beside, never away. Nothing in it is overwritten, and everything in it is listed.
import path from "node:path";
import { crc32 } from "node:zlib";
import { sentenceOf } from "../errors/runtime-error.ts";
import { type Clock, isoTime } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { codeOf, type JournalFiles, nodeFiles, writeAll } from "./journal-files.ts";

/** Something stored that could not be read. */
export interface StoreProblem {
  /** Relative to the data directory. */
  readonly file: string;
  /** The first is 1; absent where it concerns the whole file. */
  readonly line?: number;
  readonly reason: string;
  /** Relative to the data directory; null while it could not be put there. */
  readonly quarantined_as: string | null;
  readonly at: string;
}

export interface QuarantineOptions {
  /** The data directory, absolute. */
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly files?: JournalFiles;
}

interface Unsaved {
  readonly save: () => Promise<string>;
  readonly problems: number[];
}

export class Quarantine {
  readonly #data: string;
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #files: JournalFiles;
  readonly #problems: StoreProblem[] = [];
  #unsaved: Unsaved[] = [];

  constructor(options: QuarantineOptions) {
    this.#data = options.directory;
    this.#directory = path.join(options.directory, "quarantine");
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#files = options.files ?? nodeFiles;
  }

  /** What was found damaged since this runtime started, oldest first. */
  problems(): StoreProblem[] {
    return [...this.#problems];
  }

  /** Moves a whole file (or a directory in its place) out of the way. Never rejects. */
  async moveFile(file: string, reason: string): Promise<void> {
    const problems = [this.#note(file, undefined, reason)];
    await this.#try({ problems, save: () => this.#move(file) });
  }

  /** Keeps a copy of damaged lines of `file`; the same lines are kept once, however often they are found. Never rejects. */
  async keepLines(
    file: string,
    lines: readonly { line: number; bytes: Uint8Array; reason: string }[],
  ): Promise<void> {
    const problems = lines.map(({ line, reason }) => this.#note(file, line, reason));
    const content = Buffer.concat(lines.flatMap(({ bytes }) => [bytes, Buffer.from("\n")]));
    await this.#try({ problems, save: () => this.#write(`${path.basename(file)}.lines`, content) });
  }

  /** Notes damage of which nothing is left to keep. */
  note(file: string, reason: string): void {
    this.#note(file, undefined, reason);
  }

  /** Resolves when all damage is kept: only then may its source be replaced. @throws the disk's error */
  async settle(): Promise<void> {
    while (this.#unsaved[0]) {
      await this.#save(this.#unsaved[0]);
      this.#unsaved.shift();
    }
  }

  #note(file: string, line: number | undefined, reason: string): number {
    const shown = path.relative(this.#data, file);
    const at = isoTime(this.#clock.now());
    this.#logger.error({ file: shown, line, reason }, "stored data is damaged");
    const where = line === undefined ? {} : { line };
    return this.#problems.push({ file: shown, ...where, reason, quarantined_as: null, at }) - 1;
  }

  async #try(damage: Unsaved): Promise<void> {
    try {
      await this.#save(damage);
    } catch (error) {
      this.#unsaved.push(damage);
      this.#logger.error({ problem: sentenceOf(error) }, "the quarantine cannot be written");
    }
  }

  async #save({ save, problems }: Unsaved): Promise<void> {
    await this.#files.makeDirectory(this.#directory);
    const name = await save();
    await this.#files.syncDirectory(this.#directory);
    for (const index of problems) {
      const problem = this.#problems[index];
      if (problem) this.#problems[index] = { ...problem, quarantined_as: path.join("quarantine", name) };
    }
  }

  async #move(file: string): Promise<string> {
    const stamp = isoTime(this.#clock.now()).replaceAll(":", "-");
    const taken = new Set(await this.#files.list(this.#directory));
    let name = `${path.basename(file)}.${stamp}`;
    for (let n = 2; taken.has(name); n++) name = `${path.basename(file)}.${stamp}-${n}`;
    await this.#files.rename(file, path.join(this.#directory, name));
    await this.#files.syncDirectory(path.dirname(file));
    return name;
  }

  async #write(source: string, content: Buffer): Promise<string> {
    const sum = crc32(content).toString(16).padStart(8, "0");
    for (let n = 1; ; n++) {
      const name = n === 1 ? `${source}.${sum}` : `${source}.${sum}-${n}`;
      const target = path.join(this.#directory, name);
      try {
        const file = await this.#files.create(target, "snapshot");
        try {
          await writeAll(file, content, 0);
          await file.sync();
        } finally {
          await file.close();
        }
        return name;
      } catch (error) {
        if (codeOf(error) !== "EEXIST") throw error;
        if (content.equals(await this.#files.read(target))) return name;
      }
    }
  }
}
