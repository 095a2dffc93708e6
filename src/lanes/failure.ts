// What was thrown, as a record keeps it: a code, a sentence, the place in the task's file. The stack stays with the log.
import { fileURLToPath } from "node:url";
import { catalogue } from "../errors/catalogue.ts";
import {
  type Failure,
  isRuntimeError,
  RuntimeError,
  sentenceOf,
  toFailure,
} from "../errors/runtime-error.ts";
import { isCancelled } from "../task/steering.ts";
import { plainNotes } from "./plain-copy.ts";

/** Where a task's code lies. */
export interface TaskCode {
  /** As in `type.source.file`. */
  readonly file: string;
  /** As in `type.module.url`, with or without the mark. */
  readonly url: string;
}

/** Never throws, whatever was thrown. */
export function failureOf(thrown: unknown, code: TaskCode): Failure {
  const unreadable = "The task threw something unreadable.";
  return safely(
    () => readable(thrown, code),
    () => taskFailed(unreadable, code, { error: "unreadable", at: null }),
  );
}

function readable(thrown: unknown, code: TaskCode): Failure {
  const at = placeIn(stackOf(thrown), code);
  if (isRuntimeError(thrown) && thrown.code in catalogue) {
    const failure = toFailure(thrown);
    return { ...failure, details: plainNotes(at === null ? failure.details : { ...failure.details, at }) };
  }
  const message = sentenceOf(thrown).split("\n    at ")[0] as string;
  return taskFailed(message, code, { error: nameOf(thrown), at });
}

function taskFailed(
  message: string,
  { file }: TaskCode,
  details: { readonly error: string; readonly at: string | null },
): Failure {
  const failed = toFailure(new RuntimeError("TASK_FAILED", { message, source: details.at ?? file }));
  return { ...failed, details: { ...details, source: file } };
}

/** The same where it is an error, else one that was made of it. */
export const asError = (thrown: unknown): Error =>
  safely(
    () => (thrown instanceof Error ? thrown : null),
    () => null,
  ) ?? new Error("an error nobody awaited", { cause: thrown });

/** `file:line` of the topmost frame in the task's own file, or null. */
export function placeIn(stack: string | null, code: TaskCode): string | null {
  if (stack === null) return null;
  const path = fileURLToPath(new URL(code.url));
  for (const line of stack.split("\n")) {
    // With source maps a frame shows the path, without them the URL with its mark.
    const frame = /^\s+at (?:.*\()?(.*?)(?:\?[^:)]*)?:(\d+):\d+\)?$/.exec(line);
    if (frame && pathOf(frame[1] as string) === path) return `${code.file}:${frame[2]}`;
  }
  return null;
}

export const stackOf = (thrown: unknown): string | null =>
  safely(
    () => {
      const stack = (thrown as Error | null)?.stack;
      return typeof stack === "string" ? stack : null;
    },
    () => null,
  );

/** The cancel itself, or an error that was made of it (as `AbortError` is, with the reason as its cause). */
export function comesFrom(thrown: unknown, reason?: unknown): boolean {
  return safely(
    () => {
      for (let error = thrown, depth = 0; error && depth < 8; error = (error as Error).cause, depth++) {
        if (isCancelled(error) || error === reason) return true;
      }
      return false;
    },
    () => false,
  );
}

const nameOf = (thrown: unknown): string =>
  safely(
    () => (thrown instanceof Error ? String(thrown.name) : typeof thrown),
    () => "unreadable",
  );

const pathOf = (place: string): string =>
  place.startsWith("file:")
    ? safely(
        () => fileURLToPath(place),
        () => place,
      )
    : place;

/** Getters of what was thrown are the task's code, too. */
function safely<T>(read: () => T, otherwise: () => T): T {
  try {
    return read();
  } catch {
    return otherwise();
  }
}
