// The task types an embedding program brings itself (classes and functions), before those that are found in folders.
import { createHash } from "node:crypto";
import type { TaskType, TaskTypes } from "../engine/ports.ts";
import { RuntimeError } from "../errors/runtime-error.ts";
import { isTaskName } from "../task/name.ts";
import { describeClass } from "./describe.ts";
import { Functions } from "./functions.ts";
import { type TaskClass, taskClassesIn } from "./task-class.ts";
import { typeOfClass } from "./task-type.ts";

export class ProgramTypes implements TaskTypes {
  readonly functions = new Functions();
  readonly #own = new Map<string, TaskType>([[this.functions.type.name, this.functions.type]]);
  #found: TaskTypes | null = null;

  /** @throws INVALID_TASK_CLASS with the reason and the remedy */
  constructor(classes: readonly unknown[]) {
    for (const given of classes) {
      const type = typeOfGiven(given);
      refuseOtherLanes(type);
      if (this.#own.has(type.name))
        throw refused(type.name, "two classes have this name", "Rename one of them.");
      this.#own.set(type.name, type);
    }
  }

  /** @param found the types of the folders */
  over(found: TaskTypes): this {
    this.#found = found;
    return this;
  }

  get(name: string): TaskType | undefined {
    return this.#own.get(name) ?? this.#found?.get(name);
  }

  names(): string[] {
    return [...new Set([...this.#own.keys(), ...(this.#found?.names() ?? [])])].sort();
  }

  whyMissing(name: string): string | null {
    return this.#found?.whyMissing(name) ?? null;
  }
}

/** The type of a class that is at hand. @throws INVALID_TASK_CLASS */
export function typeOfGiven(given: unknown): TaskType {
  const [found] = taskClassesIn({ given });
  if (!found) {
    const name = typeof given === "function" ? given.name || "a class without a name" : typeof given;
    throw refused(name, "it has no taskName", "Write class MyTask extends Task.with({ name: 'my_task' }).");
  }
  const [taskClass] = found;
  const { taskName } = taskClass;
  if (!isTaskName(taskName))
    throw refused(taskName, "its name does not fit", "Use snake_case that ends in _task.");
  const described = describeClass(taskClass, taskName, moduleOf(taskClass));
  if ("reason" in described) throw refused(taskName, described.reason, described.remedy);
  return typeOfClass(described.description, taskClass);
}

function refuseOtherLanes({ name, policy }: TaskType): void {
  if (policy.lane === "async") return;
  const remedy = "Put it into a file of a folder, and name that folder in `folders`.";
  throw refused(name, "a worker or a process would have to find its file", remedy);
}

const moduleOf = (taskClass: TaskClass) => ({
  file: "(program)",
  text: "",
  // A checkpoint is trusted by the same code only.
  hash: createHash("sha256").update(String(taskClass)).digest("hex"),
  url: "file:///program",
  category: "program",
  exports: {},
});

const refused = (name: string, reason: string, hint: string): RuntimeError =>
  new RuntimeError("INVALID_TASK_CLASS", { name, reason, hint });
