// One task file from its import to a verdict, in whichever process this is.
import { sentenceOf } from "../errors/runtime-error.ts";
import { type InspectedClass, inspect } from "./inspect.ts";
import type { Import, Loader } from "./load.ts";
import type { Problem, VerdictOn } from "./plugin.ts";

/** A task file as its inspection needs it. */
export interface TaskFile {
  /** Absolute. */
  readonly path: string;
  /** As people see it. */
  readonly file: string;
  readonly text: string;
  /** sha256 of the content, hex. */
  readonly hash: string;
  /** The files it imports by relative paths; absolute. */
  readonly helpers: readonly string[];
  /** What its tasks belong to unless they say otherwise. */
  readonly category: string;
  /** See `Loader.load`. */
  readonly mark: string;
}

/**
 * Statics may be getters, and schemas of the author's own making: looking at them may throw.
 * @param scope receives what the file throws later on
 */
export async function examine(
  loader: Loader,
  file: TaskFile,
  scope: Import,
): Promise<VerdictOn<InspectedClass>> {
  const loaded = await loader.load(file, file.mark, scope);
  if (!loaded.ok) return rejection(loaded.problem);
  try {
    return inspect({ ...file, url: loaded.url, exports: loaded.module });
  } catch (error) {
    return rejection({
      line: null,
      reason: `it cannot be inspected: ${sentenceOf(error)}`,
      remedy: "Make the statics of its classes plain values.",
    });
  }
}

/** @param names the task types it would have defined, as far as that is known */
export const rejection = (problem: Problem, names: readonly string[] = []) =>
  ({ is: "rejected", problem, names }) as const;
