// data/cloud/<task id>/: what a transfer packs and fetches. It stays while its task may continue, and goes with its end.
import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Logger } from "../../lib/logger.ts";

const idPattern = /^[\w-]{1,100}$/;

export class CloudPlaces {
  readonly #folder: string;
  /** The tasks that have something there: most tasks never do, and their end shall cost nothing. */
  readonly #known = new Set<string>();

  /** @param dataDirectory absolute */
  constructor(dataDirectory: string) {
    this.#folder = path.join(dataDirectory, "cloud");
  }

  /** The task's own folder, made. */
  async make(taskId: string): Promise<string> {
    if (!idPattern.test(taskId)) throw new Error(`'${taskId}' is no task id`);
    const folder = path.join(this.#folder, taskId);
    this.#known.add(taskId);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  async discard(taskId: string): Promise<void> {
    if (!this.#known.has(taskId)) return;
    await rm(path.join(this.#folder, taskId), { recursive: true, force: true });
    this.#known.delete(taskId);
  }

  /**
   * At the start: removes what was left behind by tasks that have ended, and learns who is left. Never rejects.
   * @param mayContinue whether a task may need it again
   */
  async sweep(mayContinue: (taskId: string) => boolean, log: Logger): Promise<void> {
    try {
      for (const taskId of await readdir(this.#folder)) {
        this.#known.add(taskId);
        if (!mayContinue(taskId)) await this.discard(taskId);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
      log.warn({ err: error }, "what transfers to the cloud left behind could not be removed");
    }
  }
}
