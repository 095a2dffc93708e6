// Imports a task file under a mark of its own, so that a changed file gives a fresh class. Importing runs the file.
import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as loopTurn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { openDoor } from "../task/door/open.mjs";
import { explainImport, type ImportPlace } from "./explain.ts";
import type { Problem } from "./plugin.ts";

/** One import; what it leaves behind (timers, promises nobody awaits) still belongs to it. */
export interface Import {
  readonly path: string;
  /** What its leftovers threw after the import was over. */
  stray: Problem | null;
}

export type Loaded =
  | { readonly ok: true; readonly url: string; readonly module: Record<string, unknown> }
  | { readonly ok: false; readonly problem: Problem };

export class Loader {
  readonly #imports = new AsyncLocalStorage<Import>();

  /**
   * @param mark makes the URL new: modules that failed are remembered under their URL for ever
   * @param scope receives what the file throws later on
   */
  async load(place: ImportPlace, mark: string, scope: Import): Promise<Loaded> {
    const url = pathToFileURL(place.path);
    url.searchParams.set("task", mark);
    await openDoor();
    try {
      return { ok: true, url: url.href, module: await this.#imports.run(scope, () => import(url.href)) };
    } catch (error) {
      return { ok: false, problem: await explainImport(error, place) };
    }
  }

  /** The import whose leftovers are being executed right now; for handlers of errors that nobody caught. */
  current(): Import | undefined {
    return this.#imports.getStore();
  }

  /**
   * The round is over: on Node 20 following contexts makes every promise of the process dearer. What an import left
   * behind is known by its stack from here on.
   */
  async rest(): Promise<void> {
    await loopTurn();
    this.#imports.disable();
  }

  /** Does something in answer to such an error without its being taken for the import's own doing. */
  apart<T>(work: () => T): T {
    return this.#imports.exit(work);
  }
}
