// data/cloud/<task id>/: what a transfer packs and fetches. It stays while its task may continue, and goes with its end; so
// does what is still under way, as the process of the task may have died without a word.
import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { getOrMake } from "../../lib/get-or-make.ts";
import type { Logger } from "../../lib/logger.ts";

interface UnderWay {
  finish(): Promise<void>;
  abort(): Promise<void>;
}

const idPattern = /^[\w-]{1,100}$/;

export class CloudPlaces {
  readonly #folder: string;
  /** The tasks that have something there: most tasks never do, and their end shall cost nothing. */
  readonly #known = new Set<string>();
  readonly #underWay = new Map<string, Set<UnderWay>>();

  /** @param dataDirectory absolute */
  constructor(dataDirectory: string) {
    this.#folder = path.join(dataDirectory, "cloud");
  }

  /** The task's own folder, made, for an attempt that begins: what an earlier one had under way has ended. */
  async make(taskId: string): Promise<string> {
    if (!idPattern.test(taskId)) throw new Error(`'${taskId}' is no task id`);
    await this.#breakOff(taskId);
    const folder = path.join(this.#folder, taskId);
    this.#known.add(taskId);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  /** Breaks it off when its task has ended. @returns the transfer */
  watch<T extends UnderWay>(taskId: string, transfer: T): T {
    const all = getOrMake(this.#underWay, taskId, () => new Set<UnderWay>());
    all.add(transfer);
    const forget = (): void => {
      all.delete(transfer);
      if (all.size === 0) this.#underWay.delete(taskId);
    };
    transfer.finish().then(forget, forget);
    return transfer;
  }

  /** It has something there, or had. */
  has(taskId: string): boolean {
    return this.#known.has(taskId);
  }

  async discard(taskId: string): Promise<void> {
    if (!this.has(taskId)) return;
    await this.#breakOff(taskId);
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

  /** Nothing is under way any more when it resolves. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#underWay.keys(), (taskId) => this.#breakOff(taskId)));
  }

  async #breakOff(taskId: string): Promise<void> {
    await Promise.all(Array.from(this.#underWay.get(taskId) ?? [], (transfer) => transfer.abort()));
  }
}
