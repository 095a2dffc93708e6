// A folder with at most one file for each task, named after its id; what tasks leave behind goes with them.
import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { sentenceOf } from "../errors/runtime-error.ts";
import type { Logger } from "../lib/logger.ts";
import { codeOf } from "./journal-files.ts";

const idPattern = /^[\w-]+$/;

export class FilesOfTasks {
  readonly #data: string;
  readonly #folder: string;
  readonly #extension: string;
  readonly #logger: Logger;

  /**
   * @param data the data directory, absolute
   * @param extension with its dot
   */
  constructor(data: string, folder: string, extension: string, logger: Logger) {
    this.#data = data;
    this.#folder = folder;
    this.#extension = extension;
    this.#logger = logger;
  }

  /** Relative to the data directory. */
  nameOf(taskId: string): string {
    if (!idPattern.test(taskId)) throw new Error(`'${taskId}' is no task id`);
    return `${this.#folder}/${taskId}${this.#extension}`;
  }

  pathOf(taskId: string): string {
    return path.join(this.#data, this.nameOf(taskId));
  }

  /** Removes what tasks have left here; most have nothing. Never rejects: a file that stays does no harm. */
  async forget(taskIds: readonly string[]): Promise<void> {
    try {
      const there = taskIds.length > 1 ? new Set(await readdir(path.join(this.#data, this.#folder))) : null;
      for (const id of taskIds) {
        const file = this.pathOf(id);
        if (!there || there.has(path.basename(file))) await rm(file, { force: true });
      }
    } catch (error) {
      if (codeOf(error) !== "ENOENT")
        this.#logger.warn({ problem: sentenceOf(error) }, "what a task left behind could not be removed");
    }
  }
}
