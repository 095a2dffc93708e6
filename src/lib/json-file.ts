// A lowdb adapter whose file is whole after a power cut: stock lowdb renames but never syncs.
import { readFile } from "node:fs/promises";
import type { Adapter } from "lowdb";
import { writeDurably } from "./durable-file.ts";

/**
 * Reads null where there is no file, and throws where it is not UTF-8.
 * @param parse reads the text, and says in its own words what is wrong with it
 */
export function syncedJsonFile<T>(file: string, parse: (text: string) => T = JSON.parse): Adapter<T> {
  return {
    async read() {
      const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return null;
        throw error;
      });
      return bytes === null ? null : parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    },
    write: (data) => writeDurably(file, `${JSON.stringify(data, null, 2)}\n`),
  };
}
