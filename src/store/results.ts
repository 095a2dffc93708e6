// Results too large for a record: one durable file each, below the data directory.
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { ResultFiles } from "../engine/ports.ts";
import { RuntimeError, sentenceOf } from "../errors/runtime-error.ts";
import { writeDurably } from "../lib/durable-file.ts";
import type { Logger } from "../lib/logger.ts";
import { codeOf } from "./journal-files.ts";

const folder = "results";
const idPattern = /^[\w-]+$/;

export class ResultFolder implements ResultFiles {
  readonly #data: string;
  readonly #logger: Logger;

  /** @param directory the data directory, absolute */
  constructor(directory: string, logger: Logger) {
    this.#data = directory;
    this.#logger = logger;
  }

  /** @throws STORE_UNAVAILABLE */
  async keep(taskId: string, json: string): Promise<{ file: string; bytes: number }> {
    const bytes = Buffer.from(json);
    const file = fileOf(taskId);
    try {
      await writeDurably(path.join(this.#data, file), bytes);
    } catch (error) {
      throw new RuntimeError("STORE_UNAVAILABLE", { problem: sentenceOf(error) }, { cause: error });
    }
    return { file, bytes: bytes.length };
  }

  /** Removes what tasks have left here; most have nothing. Never rejects: a file that stays does no harm. */
  async forget(taskIds: readonly string[]): Promise<void> {
    try {
      const there = taskIds.length > 1 ? new Set(await readdir(path.join(this.#data, folder))) : null;
      for (const id of taskIds) {
        const file = fileOf(id);
        if (!there || there.has(path.basename(file))) await rm(path.join(this.#data, file), { force: true });
      }
    } catch (error) {
      if (codeOf(error) !== "ENOENT")
        this.#logger.warn({ problem: sentenceOf(error) }, "a result could not be removed");
    }
  }
}

function fileOf(taskId: string): string {
  if (!idPattern.test(taskId)) throw new Error(`'${taskId}' is no task id`);
  return `${folder}/${taskId}.json`;
}
