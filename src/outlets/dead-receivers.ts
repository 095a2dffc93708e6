// The receivers that something was given up for, since they last answered well. As a person may see them: without keys.
import { shown } from "./letter.ts";

/** Of more the oldest is forgotten. */
const remembered = 100;

export class DeadReceivers {
  /** By what is shown of their address; the latest last. */
  readonly #problems = new Map<string, string>();

  /** What an owner should look at, or null. */
  get problem(): string | null {
    if (this.#problems.size === 0) return null;
    return [...this.#problems].map(([url, problem]) => `given up for ${url}: ${problem}`).join("; ");
  }

  add(url: string, problem: string): void {
    const receiver = shown(url);
    this.#problems.delete(receiver);
    this.#problems.set(receiver, problem);
    if (this.#problems.size <= remembered) return;
    const [oldest] = this.#problems.keys();
    if (oldest !== undefined) this.#problems.delete(oldest);
  }

  /** It has answered well. */
  remove(url: string): void {
    this.#problems.delete(shown(url));
  }
}
