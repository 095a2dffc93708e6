// Which processes are ours, in files: a runtime that was ended by kill -9 finds there at its next boot what it left
// behind. Not synced: no process outlives a power cut.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Logger } from "../logger.ts";
import type { Child } from "./child.ts";
import { isAlive, type ProcessIdentity } from "./identity.ts";
import { endOthers } from "./sweep.ts";
import { endTree } from "./table.mjs";

/** A child, or whatever else was started to lead a session of its own and carries a mark. */
export type Noted = Pick<Child, "identity" | "mark">;

interface Note extends ProcessIdentity {
  readonly mark: string;
}

export class ProcessNotes {
  readonly #directory: string;
  readonly #log: Logger;

  /** @param directory absolute; made with the first note */
  constructor(directory: string, log: Logger) {
    this.#directory = directory;
    this.#log = log;
  }

  write({ identity, mark }: Noted): void {
    this.#try("a process could not be noted", () => {
      mkdirSync(this.#directory, { recursive: true });
      writeFileSync(this.#fileOf(identity.pid), `${JSON.stringify({ ...identity, mark })}\n`);
    });
  }

  remove({ identity }: Noted): void {
    const complaint = "the note of a process that has ended could not be removed";
    this.#try(complaint, () => rmSync(this.#fileOf(identity.pid), { force: true }));
  }

  /** A disk that refuses is no reason not to work: a child ends with its parent by itself, nearly always. */
  #try(complaint: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#log.warn({ err: error, directory: this.#directory }, complaint);
    }
  }

  /** Ends whoever is left of an earlier runtime. Only while nobody else writes here. @returns how many there were */
  async endLeftovers(): Promise<number> {
    let ended = 0;
    for (const name of this.#names()) {
      const file = path.join(this.#directory, name);
      const note = noteIn(file);
      if (note && isAlive(note)) {
        ended++;
        endTree(note.pid);
      }
      if (note && !(await endOthers(note, note.mark)))
        this.#log.error({ pid: note.pid }, "a process of an earlier run cannot be ended");
      rmSync(file, { recursive: true, force: true });
    }
    return ended;
  }

  #names(): string[] {
    try {
      return readdirSync(this.#directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  }

  #fileOf(pid: number): string {
    return path.join(this.#directory, `${pid}.json`);
  }
}

/** Null for one that was cut short, and for what somebody else put there. */
function noteIn(file: string): Note | null {
  try {
    const { pid, started, mark } = JSON.parse(readFileSync(file, "utf8"));
    if (!Number.isInteger(pid) || pid <= 1 || typeof mark !== "string") return null;
    return { pid, started: typeof started === "string" ? started : null, mark };
  } catch {
    return null;
  }
}
