// What tasks have logged: one file of JSON lines each. Renamed into place but not synced: a log is no promise.
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import type { LogEntry, LogFiles } from "../engine/ports.ts";
import { sentenceOf } from "../errors/runtime-error.ts";
import type { Logger } from "../lib/logger.ts";
import { FilesOfTasks } from "./files-of-tasks.ts";
import { codeOf } from "./journal-files.ts";

export class LogFolder implements LogFiles {
  readonly #files: FilesOfTasks;
  readonly #logger: Logger;

  /** @param directory the data directory, absolute */
  constructor(directory: string, logger: Logger) {
    this.#files = new FilesOfTasks(directory, "logs", ".jsonl", logger);
    this.#logger = logger;
  }

  async keep(taskId: string, lines: readonly LogEntry[]): Promise<boolean> {
    const file = this.#files.pathOf(taskId);
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    try {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(`${file}.tmp`, text);
      await rename(`${file}.tmp`, file);
      return true;
    } catch (error) {
      this.#logger.warn({ task: taskId, problem: sentenceOf(error) }, "a task's log could not be written");
      return false;
    }
  }

  async read(taskId: string): Promise<readonly LogEntry[]> {
    try {
      return (await readFile(this.#files.pathOf(taskId), "utf8")).split("\n").flatMap(entryIn);
    } catch (error) {
      if (codeOf(error) !== "ENOENT")
        this.#logger.warn({ task: taskId, problem: sentenceOf(error) }, "a task's log could not be read");
      return [];
    }
  }

  forget(taskIds: readonly string[]): Promise<void> {
    return this.#files.forget(taskIds);
  }
}

/** A power cut may have torn a line. */
function entryIn(line: string): LogEntry[] {
  try {
    return [JSON.parse(line) as LogEntry];
  } catch {
    return [];
  }
}
