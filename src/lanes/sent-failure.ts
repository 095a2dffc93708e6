// An error on its way from the runtime to a task in a thread or a process, and what it becomes there.
import { catalogue, type ErrorCode } from "../errors/catalogue.ts";
import { type Failure, RuntimeError } from "../errors/runtime-error.ts";
import { failureOf } from "./failure.ts";

/** No place in any file of the task's: what went wrong did so on the other side. */
const elsewhere = { file: "the runtime", url: import.meta.url };

/** Never throws, whatever was thrown. */
export const sentFailure = (thrown: unknown): Failure => failureOf(thrown, elsewhere);

/** The same error as the task would have caught in the runtime's own thread. */
export const receivedError = ({ code, details, message }: Failure): Error =>
  code in catalogue && code !== "TASK_FAILED"
    ? new RuntimeError(code as ErrorCode, details)
    : new Error(message);
