// The journals of a folder, one after the other: the number of the next one, and how far the older ones count.
import path from "node:path";
import type { JournalFiles } from "./journal-files.ts";
import { JournalWriter, journalName, journalNumbers } from "./journal-writer.ts";

export interface JournalSeriesOptions {
  /** The folder, absolute. */
  readonly directory: string;
  readonly files: JournalFiles;
  readonly schemaVersion: number;
  /** Bytes to reserve ahead of what is written into a journal. */
  readonly ahead: number;
}

export class JournalSeries {
  readonly #options: JournalSeriesOptions;
  #next = 1;
  #ends = new Map<number, number>();

  constructor(options: JournalSeriesOptions) {
    this.#options = options;
  }

  /**
   * Goes on behind the journals that were read.
   * @param next the number of the next journal
   * @param ends how many bytes of those count that hold more
   */
  goOn(next: number, ends: ReadonlyMap<number, number>): void {
    this.#next = next;
    this.#ends = new Map(ends);
  }

  /** Makes the folder durable. @throws the disk's error */
  async makeFolder(): Promise<void> {
    const { files, directory } = this.#options;
    await files.makeDirectory(directory);
    await files.syncDirectory(path.dirname(directory));
  }

  /** A fresh journal. @param seq the last change before it @throws the disk's error */
  open(seq: number): Promise<JournalWriter> {
    const { files, directory, schemaVersion, ahead } = this.#options;
    return JournalWriter.open(
      files,
      directory,
      this.#next++,
      { seq, schemaVersion, ends: this.#ends },
      ahead,
    );
  }

  /** The disk has refused it: it counts as far as it is good. Never rejects. */
  async abandon(writer: JournalWriter): Promise<void> {
    this.#ends.set(writer.number, writer.good);
    await writer.abandon();
  }

  /** Oldest first: what is left after a power cut has no gap. @throws the disk's error */
  async removeBefore(journal: number): Promise<void> {
    const { directory, files } = this.#options;
    for (const number of journalNumbers(await files.list(directory))) {
      if (number < journal) await files.remove(path.join(directory, journalName(number)));
    }
    await files.syncDirectory(directory);
    for (const number of this.#ends.keys()) if (number < journal) this.#ends.delete(number);
  }
}
