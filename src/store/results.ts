// Results too large for a record: one durable file each, below the data directory.
import { readFile } from "node:fs/promises";
import type { ResultFiles } from "../engine/ports.ts";
import { RuntimeError, sentenceOf } from "../errors/runtime-error.ts";
import { writeDurably } from "../lib/durable-file.ts";
import type { Logger } from "../lib/logger.ts";
import { FilesOfTasks } from "./files-of-tasks.ts";

export class ResultFolder implements ResultFiles {
  readonly #files: FilesOfTasks;

  /** @param directory the data directory, absolute */
  constructor(directory: string, logger: Logger) {
    this.#files = new FilesOfTasks(directory, "results", ".json", logger);
  }

  /** @throws STORE_UNAVAILABLE */
  async keep(taskId: string, json: string): Promise<{ file: string; bytes: number }> {
    const bytes = Buffer.from(json);
    try {
      await writeDurably(this.#files.pathOf(taskId), bytes);
    } catch (error) {
      throw new RuntimeError("STORE_UNAVAILABLE", { problem: sentenceOf(error) }, { cause: error });
    }
    return { file: this.#files.nameOf(taskId), bytes: bytes.length };
  }

  /** @throws where it is gone or damaged */
  async read(taskId: string): Promise<unknown> {
    return JSON.parse(await readFile(this.#files.pathOf(taskId), "utf8"));
  }

  forget(taskIds: readonly string[]): Promise<void> {
    return this.#files.forget(taskIds);
  }
}
