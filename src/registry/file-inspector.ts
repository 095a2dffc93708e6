// Loads and inspects candidate files, and remembers what it found for as long as their content stays the same.
import { sentenceOf } from "../errors/runtime-error.ts";
import type { Module } from "./describe.ts";
import { explainStray } from "./explain.ts";
import { inspect } from "./inspect.ts";
import { type Import, Loader } from "./load.ts";
import type { Candidate, Inspected, Problem, Verdict } from "./plugin.ts";
import { type Reading, Sources } from "./sources.ts";
import { typeOfClass } from "./task-type.ts";

interface Memory {
  readonly fingerprint: string;
  readonly helpers: readonly string[];
  readonly scope: Import;
  readonly inspected: Inspected;
}

export class FileInspector {
  readonly #loader = new Loader();
  /** Keeps the URLs of two registries in one process apart. */
  readonly #id: string;
  #round = 0;
  /** By path. */
  #memories = new Map<string, Memory>();

  constructor(id: string) {
    this.#id = id;
  }

  /** The files of one round share a mark, and with it the helpers they import. */
  async inspectAll(candidates: readonly Candidate[]): Promise<Inspected[]> {
    const mark = `${this.#id}-${++this.#round}`;
    const sources = new Sources();
    const memories = new Map<string, Memory>();
    const inspected = await Promise.all(
      candidates.map(async (candidate): Promise<Inspected> => {
        if (candidate.isIgnored) return { candidate, hash: null, verdict: { is: "ignored" } };
        const reading = await sources.reading(candidate.path).catch((error: unknown) => sentenceOf(error));
        if (typeof reading === "string") return unreadable(candidate, reading);
        const memory = this.#remembered(candidate, reading) ?? (await this.#take(candidate, reading, mark));
        memories.set(candidate.path, memory);
        return memory.inspected;
      }),
    );
    this.#memories = memories;
    await this.#loader.rest();
    return inspected.map((file) => this.withStray(file));
  }

  /** The files that task files import, wherever they lie; absolute. */
  helpers(): string[] {
    return [...new Set([...this.#memories.values()].flatMap(({ helpers }) => helpers))];
  }

  /**
   * Called while an error nobody caught is being handled: true where a task file's import has caused it.
   * @param then what is to be done about it
   */
  blame(error: unknown, then: () => void): boolean {
    const scope = this.#loader.current() ?? this.#scopeNamedIn(error);
    if (scope === undefined) return false;
    scope.stray ??= explainStray(error, scope.path);
    this.#loader.apart(then);
    return true;
  }

  #scopeNamedIn(error: unknown): Import | undefined {
    const stack = error instanceof Error ? (error.stack ?? "") : "";
    return [...this.#memories.values()].find(({ scope }) => stack.includes(scope.path))?.scope;
  }

  /** A file whose import left behind something that failed is rejected, however sound it looked. */
  withStray(file: Inspected): Inspected {
    const stray = this.#memories.get(file.candidate.path)?.scope.stray;
    if (!stray || file.verdict.is !== "sound") return file;
    return {
      ...file,
      verdict: rejection(
        stray,
        file.verdict.types.map(({ type }) => type.name),
      ),
    };
  }

  /** What failed is tried again: the cause may lie outside the file. */
  #remembered(candidate: Candidate, reading: Reading): Memory | null {
    const memory = this.#memories.get(candidate.path);
    if (!memory || memory.fingerprint !== reading.fingerprint) return null;
    const { inspected, scope } = memory;
    if (inspected.verdict.is === "rejected" || scope.stray) return null;
    return inspected.candidate.origin === candidate.origin ? memory : null;
  }

  async #take(
    candidate: Candidate,
    { source, fingerprint, helpers }: Reading,
    mark: string,
  ): Promise<Memory> {
    const { text, hash } = source;
    const scope: Import = { path: candidate.path, stray: null };
    const loaded = await this.#loader.load({ path: candidate.path, text, helpers }, mark, scope);
    const verdict = loaded.ok
      ? inspected({
          file: candidate.file,
          text,
          hash,
          url: loaded.url,
          category: candidate.origin,
          exports: loaded.module,
        })
      : rejection(loaded.problem, []);
    return { fingerprint, helpers, scope, inspected: { candidate, hash, verdict } };
  }
}

const rejection = (problem: Problem, names: readonly string[]) =>
  ({ is: "rejected", problem, names }) as const;

/** Statics may be getters, and schemas of the author's own making: looking at them may throw. */
function inspected(module: Module): Verdict {
  try {
    const verdict = inspect(module);
    if (verdict.is !== "sound") return verdict;
    const types = verdict.types.map(({ type, line }) => ({
      type: typeOfClass(type.description, type.taskClass),
      line,
    }));
    return { is: "sound", types };
  } catch (error) {
    const reason = `it cannot be inspected: ${sentenceOf(error)}`;
    return rejection({ line: null, reason, remedy: "Make the statics of its classes plain values." }, []);
  }
}

function unreadable(candidate: Candidate, said: string): Inspected {
  const problem = {
    line: null,
    reason: `it cannot be read: ${said}`,
    remedy: "Let the runtime's user read the file.",
  };
  return { candidate, hash: null, verdict: rejection(problem, []) };
}
