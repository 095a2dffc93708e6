// What leaves a task is copied as JSON would carry it: the task cannot change a record later. Knows no task.
import { isRuntimeError, RuntimeError } from "../errors/runtime-error.ts";
import { findNotPlain } from "./plain.ts";

type NotSerializable = "RESULT_NOT_SERIALIZABLE" | "CHECKPOINT_NOT_SERIALIZABLE" | "CALL_NOT_SERIALIZABLE";

/**
 * A deep copy; dates and objects with `toJSON` become what JSON makes of them, undefined becomes null.
 * @param path how the value is called in the error, as in `result`
 * @throws the error with this code, naming the place
 */
export function plainCopy(value: unknown, code: NotSerializable, path: string): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) return value;
  let text: string | undefined;
  try {
    const problem = findNotPlain(value, path);
    if (problem) throw new RuntimeError(code, { ...problem });
    text = JSON.stringify(value);
  } catch (error) {
    if (error instanceof RuntimeError) throw error;
    throw new RuntimeError(code, { path, found: `something that refuses${reasonOf(error)}` });
  }
  return text === undefined ? null : JSON.parse(text);
}

function reasonOf(thrown: unknown): string {
  try {
    return ` (${thrown})`;
  } catch {
    return ""; // what it threw is unreadable, too
  }
}

/** The same for side notes (log fields, error details): what JSON cannot carry is named instead of refused. */
export function plainNotes(notes: object): Record<string, unknown> {
  if (notes instanceof Error) return plainNotes({ error: notes });
  // Task files in JavaScript hand over whatever they like.
  if (typeof notes !== "object") return plainNotes({ value: notes });
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(notes)) {
    if (value === undefined) continue;
    try {
      kept[name] = plainCopy(value instanceof Error ? String(value) : value, "RESULT_NOT_SERIALIZABLE", name);
    } catch (error) {
      kept[name] = isRuntimeError(error) ? `(${error.details.found})` : "(something unreadable)";
    }
  }
  return kept;
}

/**
 * What a task is handed of a record is its own to change. Plain values, nearly always small, are copied by hand:
 * structuredClone takes as long as a short task.
 */
export function ownCopy<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(ownCopy) as T;
  if (Object.getPrototypeOf(value) !== Object.prototype) return structuredClone(value);
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = ownCopy(Reflect.get(value, key));
  return copy as T;
}
