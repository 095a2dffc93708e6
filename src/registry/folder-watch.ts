// The watch over the task folders: another one wherever what is to be watched has changed.
import type { Logger } from "../lib/logger.ts";
import { startWatch, targetsOf, type Watch } from "./watch.ts";

export class FolderWatch {
  readonly #onSettled: () => void;
  readonly #log: Logger;
  #watch: Watch | null = null;

  /** @param onSettled something has changed, and its writing has settled */
  constructor(onSettled: () => void, log: Logger) {
    this.#onSettled = onSettled;
    this.#log = log;
  }

  /**
   * Follows folders that come and go; false where the watch is right as it is.
   * @param others what task files import and links lead to, wherever it lies
   */
  async follow(folders: readonly string[], others: readonly string[]): Promise<boolean> {
    const targets = await targetsOf(folders, others);
    const before = this.#watch;
    if (before && JSON.stringify(before.targets) === JSON.stringify(targets)) return false;
    this.#watch = await startWatch(targets, this.#onSettled, this.#log);
    await before?.close();
    return true;
  }

  async close(): Promise<void> {
    await this.#watch?.close();
    this.#watch = null;
  }
}
