// One journal file, open for appending: knows up to where it is good, and never appends behind what is not.
import path from "node:path";
import { type JournalFile, type JournalFiles, writeAll } from "./journal-files.ts";
import { lineOf } from "./journal-line.ts";

export const journalName = (number: number): string => `journal-${number}.jsonl`;

/** The numbers of the journals among `names`, in order. */
export function journalNumbers(names: readonly string[]): number[] {
  const numbers = names.map((name) => Number(/^journal-(\d+)\.jsonl$/.exec(name)?.[1] ?? Number.NaN));
  return numbers.filter((number) => !Number.isNaN(number)).sort((a, b) => a - b);
}

export interface JournalHead {
  /** The last change before this journal. */
  readonly seq: number;
  readonly schemaVersion: number;
  /** How many bytes of older journals count. */
  readonly ends: ReadonlyMap<number, number>;
}

export class JournalWriter {
  readonly number: number;
  readonly #file: JournalFile;
  #good = 0;

  private constructor(number: number, file: JournalFile) {
    this.number = number;
    this.#file = file;
  }

  /** Resolves when the file, its head and its name survive a power cut. Where it fails, what was made is removed. */
  static async open(
    files: JournalFiles,
    directory: string,
    number: number,
    head: JournalHead,
  ): Promise<JournalWriter> {
    const name = path.join(directory, journalName(number));
    const writer = new JournalWriter(number, await files.create(name, "journal"));
    const ends = head.ends.size > 0 ? { ends: Object.fromEntries(head.ends) } : {};
    try {
      await writer.append(lineOf(head.seq, { schema_version: head.schemaVersion, ...ends }));
      await files.syncDirectory(directory);
      return writer;
    } catch (error) {
      await Promise.allSettled([writer.close(), files.remove(name)]);
      throw error;
    }
  }

  /** The bytes up to which the file is written and synced. */
  get good(): number {
    return this.#good;
  }

  /** Resolves when the bytes survive a power cut. After a failure this writer must be abandoned. */
  async append(bytes: Uint8Array): Promise<void> {
    await writeAll(this.#file, bytes, this.#good);
    await this.#file.sync();
    this.#good += bytes.length;
  }

  /** Takes back what lies behind the good part, as far as the disk lets us, and closes the file. Never rejects. */
  async abandon(): Promise<void> {
    // Where this fails too, the head of the next journal says how far this one counts.
    await Promise.allSettled([this.#takeBack()]);
    await Promise.allSettled([this.#file.close()]);
  }

  async #takeBack(): Promise<void> {
    await this.#file.truncate(this.#good);
    await this.#file.sync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
