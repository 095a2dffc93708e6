// Has candidate files inspected, in this process or in others, and remembers what was found for as long as they stay
// the same.
import type { TaskType } from "../engine/ports.ts";
import { sentenceOf } from "../errors/runtime-error.ts";
import { examine, rejection, type TaskFile } from "./examine.ts";
import { explainStray } from "./explain.ts";
import type { ClaimsDesk } from "./inspection/claims-desk.ts";
import type { Inspection, Inspections } from "./inspection/inspections.ts";
import { type Import, Loader } from "./load.ts";
import type { Candidate, Inspected, Problem, Verdict, VerdictOn } from "./plugin.ts";
import { type Reading, Sources, TooLarge } from "./sources.ts";
import { typeOfClass, typeOfDescription } from "./task-type.ts";

interface Memory {
  readonly candidate: Candidate;
  readonly fingerprint: string;
  readonly hash: string | null;
  readonly helpers: readonly string[];
  /** Where this process imported it. */
  readonly scope: Import | null;
  /** Where another process does. */
  readonly inspection: Inspection | null;
  verdict: Verdict;
}

export interface FileInspectorOptions {
  /** Keeps the URLs of two registries in one process apart. */
  readonly id: string;
  readonly inspections: Inspections;
  readonly claims: ClaimsDesk;
  /** A verdict came after the round that asked for it. */
  readonly onLate: () => void;
}

export class FileInspector {
  readonly #options: FileInspectorOptions;
  readonly #loader = new Loader();
  #round = 0;
  /** Of the last round, in its order. */
  #memories: readonly Memory[] = [];

  constructor(options: FileInspectorOptions) {
    this.#options = options;
  }

  /**
   * The files of one round share a mark, and with it the helpers they import. Does not wait for files that take long.
   * @param again rejected files too, though nothing of them has changed
   */
  async inspectAll(candidates: readonly Candidate[], again: boolean): Promise<void> {
    const mark = `${this.#options.id}-${++this.#round}`;
    const sources = new Sources();
    const known = new Map(this.#memories.map((memory) => [memory.candidate.path, memory]));
    const readings = await Promise.all(candidates.map((candidate) => read(candidate, sources)));
    const memories = await Promise.all(
      candidates.map((candidate, index): Memory | Promise<Memory> => {
        const reading = readings[index];
        if (!reading) return unread(candidate, { is: "ignored" });
        if ("reason" in reading) return unread(candidate, rejection(reading));
        const before = known.get(candidate.path);
        if (before && isStill(before, candidate, reading) && !(again && hasFailed(before))) return before;
        return this.#take(candidate, reading, mark);
      }),
    );
    const dropped = this.#memories.filter((memory) => !memories.includes(memory));
    this.#memories = memories;
    for (const { inspection } of dropped) inspection?.drop();
    await this.#loader.rest();
  }

  /** What is known of the files of the last round. */
  inspected(): Inspected[] {
    return this.#memories.map(({ candidate, hash, verdict, scope }) => {
      if (!scope?.stray || verdict.is !== "sound") return { candidate, hash, verdict };
      // A file whose import left behind something that failed is rejected, however sound it looked.
      const names = verdict.types.map(({ type }) => type.name);
      return { candidate, hash, verdict: rejection(scope.stray, names) };
    });
  }

  /** The files that task files import, wherever they lie; absolute. */
  helpers(): string[] {
    return [...new Set(this.#memories.flatMap(({ helpers }) => helpers))];
  }

  /**
   * Called while an error nobody caught is being handled: true where a task file's import has caused it.
   * @param then what is to be done about it
   */
  blame(error: unknown, then: () => void): boolean {
    const scope = this.#loader.current() ?? this.#scopeNamedIn(error);
    if (!scope) return false;
    scope.stray ??= explainStray(error, scope.path);
    this.#loader.apart(then);
    return true;
  }

  #scopeNamedIn(error: unknown): Import | null {
    const stack = error instanceof Error ? (error.stack ?? "") : "";
    return this.#memories.find(({ scope }) => scope && stack.includes(scope.path))?.scope ?? null;
  }

  #take(
    candidate: Candidate,
    { source: { text, hash }, fingerprint, helpers }: Reading,
    mark: string,
  ): Promise<Memory> {
    const { path, file, origin: category } = candidate;
    const taskFile: TaskFile = { path, file, text, hash, helpers, category, mark };
    const known = { candidate, fingerprint, hash, helpers };
    return candidate.isTrusted ? this.#importHere(taskFile, known) : this.#inspectElsewhere(taskFile, known);
  }

  async #importHere(file: TaskFile, known: Known): Promise<Memory> {
    const scope: Import = { path: file.path, stray: null };
    const found = await examine(this.#loader, file, scope);
    const verdict = typed(found, ({ description, taskClass }) => typeOfClass(description, taskClass));
    return { ...known, scope, inspection: null, verdict };
  }

  async #inspectElsewhere(file: TaskFile, known: Known): Promise<Memory> {
    const { inspections, claims, onLate } = this.#options;
    const inspection = inspections.inspect(file);
    const memory: Memory = { ...known, scope: null, inspection, verdict: { is: "inspecting" } };
    let isLate = false;
    void inspection.verdict.then((found) => {
      memory.verdict = typed(found, (description) => typeOfDescription(description, claims));
      if (isLate) onLate();
    });
    await inspection.soon;
    isLate = true;
    return memory;
  }
}

type Known = Pick<Memory, "candidate" | "fingerprint" | "hash" | "helpers">;

const isStill = (memory: Memory, { origin, isTrusted }: Candidate, { fingerprint }: Reading): boolean =>
  memory.fingerprint === fingerprint &&
  memory.candidate.origin === origin &&
  memory.candidate.isTrusted === isTrusted;

const hasFailed = ({ verdict, scope }: Memory): boolean => verdict.is === "rejected" || scope?.stray != null;

/** Of a file that was not read: every round looks at it anew. */
const unread = (candidate: Candidate, verdict: Verdict): Memory => ({
  candidate,
  fingerprint: "",
  hash: null,
  helpers: [],
  scope: null,
  inspection: null,
  verdict,
});

function typed<Type>(found: VerdictOn<Type>, typeOf: (type: Type) => TaskType): Verdict {
  if (found.is !== "sound") return found;
  try {
    return { is: "sound", types: found.types.map(({ type, line }) => ({ type: typeOf(type), line })) };
  } catch (error) {
    return rejection({
      line: null,
      reason: `its JSON Schema cannot be read: ${sentenceOf(error)}`,
      remedy: "Use simpler schemas for its parameters.",
    });
  }
}

/** Null for a file that is left out. */
const read = async (candidate: Candidate, sources: Sources): Promise<Reading | Problem | null> =>
  candidate.isIgnored ? null : sources.reading(candidate.path).catch(unreadable);

function unreadable(error: unknown): Problem {
  if (error instanceof TooLarge) {
    return {
      line: null,
      reason: `it is too large: ${error.message}`,
      remedy: "Keep data in files beside it, and read them in run(parameters, ctx).",
    };
  }
  return {
    line: null,
    reason: `it cannot be read: ${sentenceOf(error)}`,
    remedy: "Let the runtime's user read the file.",
  };
}
