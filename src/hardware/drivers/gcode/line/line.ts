// Bytes to and from a controller, as lines. Knows no firmware.

export interface Line {
  /** Leaves at once. One character is one byte. */
  write(text: string): void;
  /** Twice without harm; nothing is heard after it. */
  close(): Promise<void>;
}

export interface LineListener {
  /** Without its end; never empty. */
  heard(text: string): void;
  /** Once: nothing is heard after it. @param problem in words, as `the cable was pulled` */
  lost(problem: string): void;
}

/** No firmware sends longer ones; what is longer is noise. */
const longest = 512;

/** Cuts what arrives into lines, wherever it was split on its way. */
export class LineCutter {
  readonly #heard: (text: string) => void;
  #rest = "";

  constructor(heard: (text: string) => void) {
    this.#heard = heard;
  }

  push(bytes: Buffer): void {
    const parts = (this.#rest + bytes.toString("latin1")).split("\n");
    this.#rest = parts.pop() ?? "";
    if (this.#rest.length > longest) parts.push(this.#rest.slice(0, longest));
    if (this.#rest.length > longest) this.#rest = "";
    for (const part of parts) {
      const text = part.trim();
      if (text !== "") this.#heard(text);
    }
  }
}
