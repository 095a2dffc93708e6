// Where in a request something does not fit. Routes that make a task's parameters of their body say it in its words.
import { isRuntimeError, RuntimeError } from "../errors/runtime-error.ts";

/** @param place what stands in the request for a parameter of the task */
export function inTheWordsOf(error: unknown, place: (parameter: string) => string): unknown {
  if (!isRuntimeError(error) || !Array.isArray(error.details.errors)) return error;
  const errors = (error.details.errors as { path: string }[]).map((issue) => ({
    ...issue,
    path: issue.path.replace(/^parameters\.(\w+)/, (_, parameter: string) => place(parameter)),
  }));
  return new RuntimeError(error.code, { ...error.details, errors }, { cause: error });
}
