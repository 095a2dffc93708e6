// Messages on a stream of bytes: four bytes of length, one of kind, the content. Plain JavaScript, for both ends.

/** What travels between a parent and the watching thread of its child. */
export const kinds = {
  /** Both ways: a value, as v8.serialize writes it. */
  message: 0,
  /** To the child: place and value of a number in shared memory, 32 bits each. */
  number: 1,
  /** To the child: the limits that hold from now on, as JSON. */
  limits: 2,
  /** From the child, as its last: the limit that was exceeded, as JSON. */
  exceeded: 3,
  /** To the child: its parent is awake, and says so again within so many milliseconds, 32 bits. */
  awake: 4,
};

const headerBytes = 5;
/** Nothing of ours is larger: a longer one is no frame. */
const mostBytes = 1024 ** 3;

/**
 * @param {number} kind
 * @param {Uint8Array} content
 */
export function frame(kind, content) {
  const header = Buffer.allocUnsafe(headerBytes);
  header.writeUInt32BE(content.length, 0);
  header.writeUInt8(kind, 4);
  // One write for what is small; a photo is not copied once more.
  return content.length < 16_384 ? [Buffer.concat([header, content])] : [header, content];
}

/** Puts chunks together to frames, however the stream cut them. */
export class FrameReader {
  /** @type {Buffer[]} */
  #chunks = [];
  #bytes = 0;
  /** What has to be there before anything can be read. */
  #wanted = headerBytes;
  #onFrame;

  /** @param {(kind: number, content: Buffer) => void} onFrame given memory of its own, not part of a shared pool */
  constructor(onFrame) {
    this.#onFrame = onFrame;
  }

  /**
   * @param {Buffer} chunk
   * @throws {Error} where this is no stream of frames; and what onFrame throws
   */
  push(chunk) {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= this.#wanted) {
      const all = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
      this.#wanted = headerBytes + all.readUInt32BE(0);
      if (this.#wanted > mostBytes) throw new Error(`a message of ${this.#wanted} bytes was announced`);
      this.#chunks = [all];
      if (all.length < this.#wanted) return;
      const content = Buffer.from(new Uint8Array(all.subarray(headerBytes, this.#wanted)).buffer);
      const rest = all.subarray(this.#wanted);
      const kind = all.readUInt8(4);
      this.#chunks = rest.length > 0 ? [rest] : [];
      this.#bytes = rest.length;
      this.#wanted = headerBytes;
      this.#onFrame(kind, content);
    }
  }
}
