// The parts of a multipart stream as cameras send it (RFC 2046, bent in every way): with a Content-Length or without,
// lines that end with CR LF or LF, a boundary that brings its dashes along or is not announced at all.

const newline = 10;
/** Of the lines between two parts; and of what may stand before the first one. */
const mostHeaderBytes = 65_536;

/** What a stream sends is no multipart, or more than anybody wants. */
export class BadStream extends Error {}

export class PartReader {
  readonly #mostBytes: number;
  readonly #onPart: (content: Uint8Array) => void;
  readonly #pending = new Pending();
  /** The lines that stand between two parts. */
  #delimiters: readonly string[];
  /** Content-Length of the part that has begun, null where it did not say, undefined between two parts. */
  #length: number | null | undefined = undefined;

  /**
   * @param boundary as the Content-Type names it; null where it does not
   * @param mostBytes of one part
   */
  constructor(boundary: string | null, mostBytes: number, onPart: (content: Uint8Array) => void) {
    // One that was announced with its dashes is sent as it is, or with two more of them.
    this.#delimiters =
      boundary === null ? [] : [`--${boundary}`, ...(boundary.startsWith("--") ? [boundary] : [])];
    this.#mostBytes = mostBytes;
    this.#onPart = onPart;
  }

  /** @throws BadStream */
  push(chunk: Uint8Array): void {
    this.#pending.append(chunk);
    while (this.#length === undefined ? this.#header() : this.#content());
  }

  /** From a line with the boundary to the empty line after it. */
  #header(): boolean {
    const bytes = this.#pending.bytes;
    let start = -1;
    for (let from = 0; ; ) {
      const end = bytes.indexOf(newline, from);
      if (end < 0) break;
      const line = bytes.toString("latin1", from, end).replace(/\r$/, "");
      if (start < 0 && this.#isBoundary(line)) start = end + 1;
      else if (start >= 0 && line === "") {
        const lines = bytes.toString("latin1", start, from);
        const length = /^content-length:[ \t]*(\d+)/im.exec(lines)?.[1];
        this.#length = length === undefined ? null : Number(length);
        if (this.#length !== null) this.#refuseOver(this.#length);
        this.#pending.drop(end + 1);
        return true;
      }
      from = end + 1;
    }
    if (bytes.length > mostHeaderBytes)
      throw new BadStream(`no part begins within ${mostHeaderBytes} bytes of the stream`);
    return false;
  }

  #isBoundary(line: string): boolean {
    const found = line.trimEnd();
    // Where none was announced, the first line that looks like one.
    if (this.#delimiters.length === 0 && /^--\S/.test(found)) this.#delimiters = [found];
    return this.#delimiters.includes(found);
  }

  #content(): boolean {
    const bytes = this.#pending.bytes;
    if (typeof this.#length === "number") {
      if (bytes.length < this.#length) return false;
      return this.#finish(this.#length, this.#length);
    }
    const ends = this.#delimiters.flatMap((delimiter) => this.#pending.find(`\n${delimiter}`) ?? []);
    const end = Math.min(...ends);
    if (ends.length === 0) {
      this.#refuseOver(bytes.length);
      return false;
    }
    const last = bytes[end - 1] === 13 ? end - 1 : end;
    this.#refuseOver(last);
    return this.#finish(last, end + 1);
  }

  #finish(bytes: number, drop: number): boolean {
    const content = Uint8Array.from(this.#pending.bytes.subarray(0, bytes));
    this.#pending.drop(drop);
    this.#length = undefined;
    this.#onPart(content);
    return true;
  }

  #refuseOver(bytes: number): void {
    if (bytes > this.#mostBytes)
      throw new BadStream(`a photo of the stream has more than ${this.#mostBytes} bytes`);
  }
}

/** Bytes that have arrived and were not taken yet; each is copied a few times at most, however the stream cuts them. */
class Pending {
  #room = Buffer.alloc(65_536);
  #used = 0;
  /** What was searched for, and up to where in vain. */
  readonly #searched = new Map<string, number>();

  get bytes(): Buffer {
    return this.#room.subarray(0, this.#used);
  }

  append(chunk: Uint8Array): void {
    const needed = this.#used + chunk.length;
    if (needed > this.#room.length) {
      const larger = Buffer.alloc(Math.max(needed, this.#room.length * 2));
      this.#room.copy(larger, 0, 0, this.#used);
      this.#room = larger;
    }
    this.#room.set(chunk, this.#used);
    this.#used = needed;
  }

  /** Where it begins, or null; what was searched once is not searched again. */
  find(text: string): number | null {
    const at = this.bytes.indexOf(text, this.#searched.get(text) ?? 0, "latin1");
    this.#searched.set(text, Math.max(0, this.#used - text.length));
    return at < 0 ? null : at;
  }

  drop(bytes: number): void {
    this.#room.copy(this.#room, 0, bytes, this.#used);
    this.#used -= bytes;
    this.#searched.clear();
  }
}
