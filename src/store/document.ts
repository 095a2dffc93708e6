// A small JSON document (settings, projects, schedules): lowdb's model over a file that is whole after a power cut.
// Knows nothing of what is in it but its schema.
import { readFile } from "node:fs/promises";
import { type Adapter, Low } from "lowdb";
import type { z } from "zod";
import { RuntimeError, sentenceOf } from "../errors/runtime-error.ts";
import { writeDurably } from "../lib/durable-file.ts";
import { codeOf } from "./journal-files.ts";
import type { Quarantine } from "./quarantine.ts";

export interface Document<T> {
  /** As it is durable. Never changed in place. */
  readonly data: Readonly<T>;
  /**
   * Changes a copy (or returns a new value), checks it, stores it, and only then shows it; one after the other.
   * Resolves with the new data once it survives a power cut.
   * @throws STORE_UNAVAILABLE, what `change` throws, or the schema's ZodError; nothing has changed then
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a change may return the new value or nothing
  update(change: (draft: T) => T | void): Promise<Readonly<T>>;
}

/** Stock lowdb adapters never sync; this one is durable when `write` resolves. */
class DocumentFile<T> implements Adapter<T> {
  readonly #file: string;
  readonly #schema: z.ZodType<T>;
  readonly #quarantine: Quarantine;

  constructor(file: string, schema: z.ZodType<T>, quarantine: Quarantine) {
    this.#file = file;
    this.#schema = schema;
    this.#quarantine = quarantine;
  }

  async read(): Promise<T | null> {
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(this.#file));
    } catch (error) {
      const code = codeOf(error);
      if (code === "ENOENT") return null;
      if (code !== "EISDIR" && code !== "ERR_ENCODING_INVALID_ENCODED_DATA") throw unavailable(error);
      return this.#giveUp(code === "EISDIR" ? "it is a directory" : "it is not UTF-8");
    }
    try {
      const parsed = this.#schema.safeParse(JSON.parse(text));
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0];
      return await this.#giveUp(`${issue?.path.join(".") || "it"}: ${issue?.message}`);
    } catch (error) {
      return this.#giveUp(`it is not JSON: ${sentenceOf(error)}`);
    }
  }

  async write(data: T): Promise<void> {
    try {
      await writeDurably(this.#file, `${JSON.stringify(data, null, 2)}\n`);
    } catch (error) {
      throw unavailable(error);
    }
  }

  async #giveUp(reason: string): Promise<null> {
    await this.#quarantine.moveFile(this.#file, reason);
    return null;
  }
}

/**
 * Opens or begins a document. A damaged one goes to quarantine, is listed there, and the default takes its place.
 * @param file absolute
 * @throws STORE_UNAVAILABLE when what is there cannot be read
 */
export async function openDocument<T>(
  file: string,
  schema: z.ZodType<T>,
  defaultData: T,
  quarantine: Quarantine,
): Promise<Document<T>> {
  const adapter = new DocumentFile(file, schema, quarantine);
  const low = new Low<T>(adapter, structuredClone(defaultData));
  await low.read();
  let last: Promise<unknown> = Promise.resolve();

  // Low.update changes memory first; a refused write would stay there.
  const change = async (work: Parameters<Document<T>["update"]>[0]): Promise<T> => {
    const draft = structuredClone(low.data);
    const next = schema.parse(work(draft) ?? draft);
    await adapter.write(next);
    low.data = next;
    return next;
  };
  return {
    get data() {
      return low.data;
    },
    update(work) {
      const done = last.then(() => change(work));
      last = done.catch(() => "its caller was told");
      return done;
    },
  };
}

const unavailable = (error: unknown): RuntimeError =>
  new RuntimeError("STORE_UNAVAILABLE", { problem: sentenceOf(error) }, { cause: error });
