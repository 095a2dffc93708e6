// What a task says when it submits another: checked here, for tasks in JavaScript say what they like. Pure.
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { Call, FieldIssue } from "../ports.ts";
import type { SubmitRequest } from "../requests.ts";

/** @throws INVALID_REQUEST with the path of each field */
export function childRequest({ task, parameters, options }: Extract<Call, { to: "submit" }>): SubmitRequest {
  const { name, priority, timeoutSeconds, metadata } = options;
  const errors: FieldIssue[] = [];
  const expect = (path: string, expected: string, value: unknown, fits: boolean): void => {
    if (value === undefined || value === null || fits) return;
    errors.push({ path, message: `expected ${expected}`, expected, found: JSON.stringify(value) });
  };
  if (typeof task !== "string") expect("task", "the name of a task type", String(task), false);
  expect("parameters", "an object", parameters, isMap(parameters));
  expect("name", "a text", name, typeof name === "string" && name !== "");
  expect("priority", "a whole number from -100 to 100", priority, isPriority(priority));
  expect("timeoutSeconds", "a number above 0", timeoutSeconds, Number(timeoutSeconds) > 0);
  expect("metadata", "an object", metadata, isMap(metadata));
  if (errors.length > 0) throw new RuntimeError("INVALID_REQUEST", { errors });
  return {
    task,
    parameters: parameters ?? {},
    ...(name != null && { name }),
    ...(priority != null && { priority }),
    ...(timeoutSeconds != null && { timeout_seconds: timeoutSeconds }),
    ...(metadata != null && { metadata }),
  };
}

const isMap = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isPriority = (value: unknown): boolean => Number.isInteger(value) && Math.abs(value as number) <= 100;
