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

/** A journal that has grown to this share of what is reserved ahead of it is worth reserving for. */
const worthwhile = 1 / 16;

export class JournalWriter {
  readonly number: number;
  readonly #file: JournalFile;
  readonly #ahead: number;
  #good = 0;
  /** Up to here the disk has its place for what will be written; behind `good` it holds zeros. */
  #reserved = 0;
  #reserving: Promise<void> | null = null;

  private constructor(number: number, file: JournalFile, ahead: number) {
    this.number = number;
    this.#file = file;
    this.#ahead = ahead;
  }

  /**
   * Resolves when the file, its head and its name survive a power cut. Where it fails, what was made is removed.
   * @param ahead bytes to reserve ahead of what is written
   */
  static async open(
    files: JournalFiles,
    directory: string,
    number: number,
    head: JournalHead,
    ahead: number,
  ): Promise<JournalWriter> {
    const name = path.join(directory, journalName(number));
    const writer = new JournalWriter(number, await files.create(name, "journal"), ahead);
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
    const end = this.#good + bytes.length;
    // Zeros on their way must not fall on what is written now.
    if (this.#reserving && end > this.#reserved) await this.#reserving;
    await writeAll(this.#file, bytes, this.#good);
    await this.#file.sync();
    this.#good = end;
    this.#reserveMore();
  }

  /** Over its own zeros a line is durable in half the time: the file system has nothing to note about the file. */
  #reserveMore(): void {
    const isWorthwhile = this.#good >= this.#ahead * worthwhile;
    if (this.#reserving || !isWorthwhile || this.#reserved - this.#good > this.#ahead / 2) return;
    const from = Math.max(this.#good, this.#reserved);
    const to = from + this.#ahead;
    this.#reserving = this.#file.reserve(from, to).then(
      () => {
        this.#reserved = to;
        this.#reserving = null;
      },
      () => undefined, // it stays as it is: without a place of its own a line takes longer, or meets the same error itself
    );
  }

  /** Takes back what lies behind the good part, as far as the disk lets us, and closes the file. Never rejects. */
  async abandon(): Promise<void> {
    // Where this fails too, the head of the next journal says how far this one counts.
    await Promise.allSettled([this.#takeBack()]);
    await Promise.allSettled([this.#file.close()]);
  }

  async #takeBack(): Promise<void> {
    await this.#reserving;
    await this.#file.truncate(this.#good);
    await this.#file.sync();
  }

  /** What was reserved is given back, if the disk lets us: zeros at its end do no harm. */
  async close(): Promise<void> {
    await this.#reserving;
    if (this.#reserved > this.#good || this.#reserving)
      await Promise.allSettled([this.#file.truncate(this.#good)]);
    await this.#file.close();
  }
}
