// What the event loop and the thread that watches it tell each other, in memory that both see: a pulse, who runs, and
// where the loop is blocked. The thread (thread.mjs) reads the same places.

/** Cells of the head. */
export const cells = { pulse: 0, started: 1, isLogged: 2, whereLength: 3, whereFor: 4 } as const;
const headBytes = 5 * Int32Array.BYTES_PER_ELEMENT;
/** So many of those that began last are known. */
export const slots = 32;
const slotBytes = 192;
const whereBytes = 512;

/** What the thread is handed, besides the memory. */
export const layout = { cells, headBytes, slots, slotBytes, whereBytes };

export interface RunningTask {
  readonly task_id: string;
  readonly task: string;
}

export class SharedNotes {
  readonly memory = new SharedArrayBuffer(headBytes + slots * slotBytes + whereBytes);
  readonly #head = new Int32Array(this.memory, 0, headBytes / Int32Array.BYTES_PER_ELEMENT);
  readonly #text = Buffer.from(this.memory, headBytes);

  /** The loop turns. */
  pulse(isLogged: boolean): void {
    this.#head[cells.isLogged] = isLogged ? 1 : 0;
    Atomics.add(this.#head, cells.pulse, 1);
  }

  /** A task begins, or is still there: the latest take the place of the oldest. */
  note(taskId: string, task: string): void {
    const count = this.#head[cells.started] as number;
    const at = (count % slots) * slotBytes;
    const length = this.#text.write(`${taskId} ${task}`, at, slotBytes - 1, "latin1");
    this.#text[at + length] = 0;
    this.#head[cells.started] = count + 1;
  }

  /** How many were noted since the last `clear`. */
  get count(): number {
    return this.#head[cells.started] as number;
  }

  clear(): void {
    this.#head[cells.started] = 0;
  }

  /** Those noted since the last `clear`, oldest first, each once. */
  running(): RunningTask[] {
    const known = Math.min(this.count, slots);
    const texts = Array.from({ length: known }, (_, back) => this.#slot(this.count - known + back));
    return [...new Set(texts)].map((text) => {
      const [task_id = "", task = ""] = text.split(" ");
      return { task_id, task };
    });
  }

  /** Where the thread found the loop since this pulse, or null. */
  where(): string | null {
    const length = Atomics.load(this.#head, cells.whereLength);
    if (length === 0 || Atomics.load(this.#head, cells.whereFor) !== Atomics.load(this.#head, cells.pulse))
      return null;
    return this.#text.toString("utf8", slots * slotBytes, slots * slotBytes + length);
  }

  #slot(index: number): string {
    const at = (index % slots) * slotBytes;
    return this.#text.toString("latin1", at, this.#text.indexOf(0, at));
  }
}
