// A new task file: its names mended from whatever was typed, its text complete enough to run at once.
import { actionOf, isTaskName } from "../task/name.ts";
import { CommandError } from "./command-error.ts";

export interface Names {
  /** `crop_task` */
  readonly task: string;
  /** `crop_task.ts` */
  readonly file: string;
  /** `CropTask` */
  readonly className: string;
}

/** `crop`, `Crop Photo`, `cropPhotoTask`, `crop-photo.ts` all find their way. @throws CommandError where none is left */
export function mendNames(typed: string): Names {
  const snake = typed
    .replace(/\.m?[jt]s$/, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  const task = snake.endsWith("_task") ? snake : `${snake}_task`;
  if (snake === "" || snake === "task" || !isTaskName(task))
    throw new CommandError(
      `'${typed}' makes no task name.`,
      "Names begin with a letter and hold letters, digits and _: `armature new crop_photo`.",
    );
  const className = task.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return { task, file: `${task}.ts`, className };
}

export interface Wishes {
  readonly isBlocking: boolean;
  readonly isExclusive: boolean;
}

export function taskText({ task, className }: Names, { isBlocking, isExclusive }: Wishes): string {
  const words = actionOf(task).replaceAll("_", " ");
  const policy = [
    ...(isExclusive ? ["  isExclusive: true, // nothing else runs meanwhile\n"] : []),
    ...(isBlocking ? ["  isBlocking: true, // a worker runs it, so it may compute without pause\n"] : []),
  ].join("");
  return `// ${task}: counts its steps; put the work in their place.
import { type Ctx, type In, Task, z } from "armature/task";

export class ${className} extends Task.with({
  name: "${task}",
  description: "${words.charAt(0).toUpperCase()}${words.slice(1)}, step by step",
${policy}  parameters: z.object({
    steps: z.int().min(1).max(1000).default(10).describe("How many steps to take"),
  }),
}) {
  ${isBlocking ? "" : "async "}*run({ steps }: In<this>, ctx: Ctx<this>) {
    for (let step = 1; step <= steps; step++) {
      ${isBlocking ? "" : "await "}ctx.sleep(100); // the work; in here a task is cancelled, between the yields it pauses
      yield { current: step, total: steps, message: \`Step \${step} of \${steps}\` };
    }
    return { steps };
  }
}
`;
}
