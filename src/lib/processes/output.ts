// What a child writes to its standard output, as lines: of bounded length, and no more than somebody could read.
import type { Readable } from "node:stream";

/** Characters; what is longer is cut. */
const longestLine = 4096;
/** So many are told at once, and then so many a second. */
const burst = 500;
const perSecond = 100;
const newline = 10;

/**
 * Reads to the end, so that the child never waits for us; of a flood the most is thrown away unread.
 * @param onLine told each line without its end, and how many were left out, once some were
 */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  const reader = new LineReader(onLine);
  stream.on("data", (chunk: Buffer) => reader.push(chunk));
  stream.on("end", () => reader.end());
  stream.on("error", () => reader.end());
}

class LineReader {
  readonly #onLine: (line: string) => void;
  /** Of the line that has not ended yet, no more than is shown of it. */
  #begun: Buffer[] = [];
  #begunBytes = 0;
  #allowance = burst;
  #countedAt = performance.now();
  #leftOut = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
      if (this.#mayTell()) this.#tell(this.#take(chunk.subarray(from, end)));
      else this.#leaveOut();
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  end(): void {
    if (this.#begunBytes > 0) this.#tell(this.#take(Buffer.alloc(0)));
    this.#tellLeftOut();
  }

  /** A character has at most four bytes. */
  #keep(part: Buffer): void {
    const bytes = part.subarray(0, Math.max(0, longestLine * 4 - this.#begunBytes));
    if (bytes.length === 0) return;
    // Copied: a view would keep the whole chunk.
    this.#begun.push(Buffer.from(bytes));
    this.#begunBytes += bytes.length;
  }

  #take(last: Buffer): string {
    const line = Buffer.concat([...this.#begun, last]).toString("utf8");
    this.#forget();
    return line.slice(0, longestLine).replace(/\r$/, "");
  }

  #forget(): void {
    this.#begun = [];
    this.#begunBytes = 0;
  }

  #mayTell(): boolean {
    const now = performance.now();
    this.#allowance = Math.min(burst, this.#allowance + ((now - this.#countedAt) * perSecond) / 1000);
    this.#countedAt = now;
    return this.#allowance >= 1;
  }

  #tell(line: string): void {
    this.#allowance--;
    this.#tellLeftOut();
    this.#onLine(line);
  }

  #leaveOut(): void {
    this.#leftOut++;
    this.#forget();
  }

  #tellLeftOut(): void {
    if (this.#leftOut > 0) this.#onLine(`(${this.#leftOut} lines were left out)`);
    this.#leftOut = 0;
  }
}
