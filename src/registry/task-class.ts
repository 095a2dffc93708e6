// Which exported values are task classes. Knows marks and statics, not what makes a class sound.
import type { z } from "zod";
import { taskBrand } from "../task/task.ts";

/** A class as the runtime reads it: statics and `run`. Nothing of it is certain before it was inspected. */
export interface TaskClass {
  new (): { run(parameters: unknown, context: unknown): unknown };
  readonly name: string;
  readonly taskName: string;
  readonly description?: string;
  readonly category?: string;
  readonly parameters?: unknown;
  readonly result?: unknown;
  readonly checkpoint?: unknown;
  readonly uses?: unknown;
}

/** Every exported class that is a task by its own word, once, under the name of its first named export. */
export function taskClassesIn(exports: Readonly<Record<string, unknown>>): Map<TaskClass, string> {
  const namedFirst = Object.keys(exports).sort((a, b) => Number(a === "default") - Number(b === "default"));
  const found = new Map<TaskClass, string>();
  for (const exportName of namedFirst) {
    const value = exports[exportName];
    if (isTaskClass(value) && !found.has(value)) found.set(value, exportName);
  }
  // `export const Base = Task.with(…)` beside `export class Mine extends Base` is one task, not two.
  for (const taskClass of [...found.keys()]) {
    const base: unknown = Object.getPrototypeOf(taskClass);
    if (isDefinition(base)) found.delete(base as TaskClass);
  }
  return found;
}

/** A class with a name of its own: its static `taskName`, or that of the definition it extends directly. */
function isTaskClass(value: unknown): value is TaskClass {
  if (typeof value !== "function" || typeof value.prototype !== "object") return false;
  return Object.hasOwn(value, "taskName") || isDefinition(Object.getPrototypeOf(value));
}

/** What `Task.with` returns: it carries the brand itself. */
export const isDefinition = (value: unknown): value is object =>
  typeof value === "function" && Object.hasOwn(value, taskBrand) && Object.hasOwn(value, "taskName");

/** The class's parameters, once inspection has found them to be a zod object. */
export const schemaOf = ({ parameters }: TaskClass): z.ZodObject | null =>
  (parameters as z.ZodObject | undefined) ?? null;
