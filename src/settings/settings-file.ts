// One file an owner edits: read strictly, written durably.
import path from "node:path";
import { Low } from "lowdb";
import { RuntimeError } from "../errors/runtime-error.ts";
import { syncedJsonFile } from "../lib/json-file.ts";
import { parseJson } from "./json-text.ts";
import { isTree, type Tree } from "./keys.ts";
import { describe, invalidSettings } from "./strict.ts";

export class SettingsFile {
  /** The file as a person would write it: relative to the project where it lies below it. */
  readonly shown: string;
  readonly #hasSecrets: boolean;
  readonly #document: Low<Tree | null>;

  /**
   * Both absolute.
   * @param hasSecrets nothing of its text is shown where it is broken
   */
  constructor(file: string, project: string, hasSecrets = false) {
    this.#hasSecrets = hasSecrets;
    const relative = path.relative(project, file);
    this.shown = relative.startsWith("..") ? file : relative;
    this.#document = new Low<Tree | null>(syncedJsonFile<Tree | null>(file, parseObject), null);
  }

  /** What the file says now, or null where there is none. @throws INVALID_SETTINGS with line and column */
  async read(): Promise<Tree | null> {
    this.#document.data = null;
    try {
      await this.#document.read();
    } catch (error) {
      const problem = sentence(error);
      const message = this.#hasSecrets
        ? problem.replace(/, found (?!(?:an empty|the end of the) file$).*$/s, "")
        : problem;
      throw invalidSettings(this.shown, [{ path: "", message }]);
    }
    return this.#document.data;
  }

  /** Resolves when the new content survives a power cut. @throws SETTINGS_NOT_WRITABLE */
  async write(content: Tree): Promise<void> {
    this.#document.data = content;
    try {
      await this.#document.write();
    } catch (error) {
      throw new RuntimeError(
        "SETTINGS_NOT_WRITABLE",
        { file: this.shown, problem: sentence(error) },
        { cause: error },
      );
    }
  }
}

function parseObject(text: string): Tree {
  const value = parseJson(text);
  if (!isTree(value)) throw new TypeError(`expected an object, found ${describe(value)}`);
  return value;
}

const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));
