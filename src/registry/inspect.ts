// Looks at what an imported module exports and describes the task types in it, or says what is wrong. Creates nothing.
import { nearest } from "../lib/nearest.ts";
import { isTaskName } from "../task/name.ts";
import { describeClass, type Fault, type Module } from "./describe.ts";
import type { Description } from "./description.ts";
import type { Found, Problem, VerdictOn } from "./plugin.ts";
import { type TaskClass, taskClassesIn } from "./task-class.ts";

export interface InspectedClass {
  readonly description: Description;
  readonly taskClass: TaskClass;
}

export function inspect(module: Module): VerdictOn<InspectedClass> {
  if (module.exports.autodiscover === false) return { is: "opted_out" };
  const classes = taskClassesIn(module.exports);
  if (classes.size === 0) return rejected(noTask(module.text), []);
  const names = [...classes.keys()]
    .map(({ taskName }) => taskName)
    .filter((name) => typeof name === "string");
  const types: Found<InspectedClass>[] = [];
  for (const [taskClass, exportName] of classes) {
    const line = lineOf(module.text, taskClass);
    const described = nameProblem(taskClass.taskName, types) ?? describeClass(taskClass, exportName, module);
    if ("reason" in described) return rejected({ line, ...described }, names);
    types.push({ type: { description: described.description, taskClass }, line });
  }
  return { is: "sound", types };
}

const rejected = (problem: Problem, names: readonly string[]) =>
  ({ is: "rejected", problem, names }) as const;

function noTask(text: string): Problem {
  const hasClass = /\bclass\b/.test(text);
  return {
    line: null,
    reason: "it exports no task: expected an exported class with a taskName and run(parameters, ctx)",
    remedy: hasClass
      ? "Export the class, and give it a name: class MyTask extends Task.with({ name: 'my_task' })."
      : "Begin a helper's file name with _, or write export const autodiscover = false.",
  };
}

function nameProblem(name: unknown, before: readonly Found<InspectedClass>[]): Fault | null {
  if (typeof name !== "string") {
    return {
      reason: `the task's name is ${name === undefined ? "missing" : `a ${typeof name}`}; expected a text`,
      remedy: "Name it in snake_case with _task at the end: Task.with({ name: 'my_task' }).",
    };
  }
  if (!isTaskName(name)) {
    return {
      reason: `the name '${name}' does not fit; expected snake_case that ends in _task`,
      remedy: `Call it '${suggestedName(name)}'.`,
    };
  }
  if (before.some(({ type }) => type.description.name === name)) {
    return { reason: `two classes of this file are called ${name}`, remedy: "Rename one of them." };
  }
  return null;
}

/** `CropImage`, `crop-image`, `crop_image_tsk` -> `crop_image_task` */
export function suggestedName(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[_0-9]+|_+$/g, "")
    .split("_");
  const last = words.at(-1) ?? "";
  if (words.length > 1 && last !== "task" && nearest(last, ["task"]).length > 0) words.pop();
  const body = words.filter((word, index) => index < words.length - 1 || word !== "task").join("_");
  return `${body || "my"}_task`;
}

function lineOf(text: string, taskClass: TaskClass): number {
  const lines = text.split("\n");
  const named = new RegExp(`\\bclass\\s+${taskClass.name.replace(/\W/g, "\\$&")}\\b`);
  const index = lines.findIndex((line) => named.test(line));
  if (taskClass.name !== "" && index >= 0) return index + 1;
  return (
    Math.max(
      0,
      lines.findIndex((line) => line.includes(`${taskClass.taskName}`)),
    ) + 1
  );
}
