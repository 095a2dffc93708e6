// Lines as bytes, one behind the other: each goes from text to bytes once, and no line is copied to join the others.
import { crc32 } from "node:zlib";

/** How every line begins. */
export const lineOpening = Buffer.from('{"sum":"');
/** What stands before the bytes that the checksum covers. */
export const noSum = '{"sum":"00000000",';

const digits = Buffer.from("0123456789abcdef");
const leastBytes = 8192;
const mostAtFirst = 1 << 18;
/** The most bytes that a UTF-16 unit takes in UTF-8. */
const bytesPerUnit = 3;

export class LineBuffer {
  #bytes: Buffer;
  #length = 0;

  /** @param capacity in bytes; it grows where it must */
  constructor(capacity = leastBytes) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(Math.max(capacity, leastBytes), mostAtFirst));
  }

  get length(): number {
    return this.#length;
  }

  /** Those from `start` to `end`; valid as long as nothing is added. */
  slice(start = 0, end = this.#length): Buffer {
    return this.#bytes.subarray(start, end);
  }

  get capacity(): number {
    return this.#bytes.length;
  }

  /** To begin anew: what was handed out before is not valid any more. */
  clear(): void {
    this.#length = 0;
  }

  /**
   * A line with its ending. The checksum covers everything behind it.
   * @param rest JSON: the fields behind `seq`, and `}`
   */
  add(seq: number, rest: string, ending = "\n"): void {
    const start = this.#length;
    this.#write(`${noSum}"seq":${seq},${rest}${ending}`);
    const sum = crc32(this.#bytes.subarray(start + noSum.length, this.#length - ending.length));
    this.#writeSum(sum, start + lineOpening.length);
  }

  /** As eight hexadecimal digits. */
  #writeSum(sum: number, at: number): void {
    for (let n = 0; n < 8; n++) this.#bytes[at + n] = digits[(sum >>> (28 - 4 * n)) & 15] as number;
  }

  #write(text: string): void {
    this.#reserve(text.length * bytesPerUnit);
    this.#length += this.#bytes.write(text, this.#length);
  }

  addBytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.slice());
    this.#bytes = larger;
  }
}
