// armature watch: what happens, one line each, until Ctrl+C or the end of the watched task.
import { deferred } from "../../lib/deferred.ts";
import { hasEnded } from "../../task/lifecycle.ts";
import type { Progress } from "../../task/progress.ts";
import type { Question, TaskView } from "../../task/record.ts";
import type { WireEvent } from "../client.ts";
import { CommandError } from "../command-error.ts";
import { connect } from "../connect.ts";
import { readOptions } from "../options.ts";
import { plainLine } from "../progress-bar.ts";
import { exit, type Shell, untilInterrupted } from "../shell.ts";
import { timeOfDay } from "../terminal.ts";

export async function run(words: readonly string[], shell: Shell): Promise<number> {
  const [id] = readOptions("watch", words, {}, 1).positionals;
  const { client } = await connect(shell);
  const names = new Map<string, string>();
  const ended = deferred();
  const stream = await client.follow((event) => {
    for (const line of linesOf(event, names, id)) shell.out.line(line);
    if (event.task_id === id && lastEvents.has(event.type)) ended.resolve();
  });
  try {
    const task = id === undefined ? null : await client.get<TaskView>(`/tasks/${encodeURIComponent(id)}`);
    // One that had ended before will tell nothing more.
    if (task && hasEnded(task.status)) shell.out.line(statusLine(task, task.updated_at));
    if (task && hasEnded(task.status)) return exit.fine;
    await Promise.race([ended.promise, untilInterrupted(shell), stream.closed.then(complain)]);
    return exit.fine;
  } finally {
    stream.close();
  }
}

function complain(): never {
  throw new CommandError("The server closed the connection.", "`armature start` starts it again.");
}

const lastEvents = new Set(["task_completed", "task_failed", "task_cancelled", "task_interrupted"]);

/**
 * @param names of the tasks met so far, by id
 * @param only the one task that is watched
 */
export function linesOf(event: WireEvent, names: Map<string, string>, only?: string): string[] {
  if (event.type === "snapshot") {
    const tasks = event.tasks as TaskView[];
    for (const task of tasks) names.set(task.id, task.task);
    return tasks
      .filter(({ id }) => only === undefined || id === only)
      .map((task) => statusLine(task, event.timestamp));
  }
  if (event.type === "ping" || isMereMotion(event) || (only !== undefined && event.task_id !== only))
    return [];
  const { task_id: id } = event;
  if (id !== null && event.type === "task_scheduled") names.set(id, String(event.task));
  const subject = id === null ? "" : `${names.get(id) ?? "task"} ${id.slice(0, 8)}`;
  return [
    [timeOfDay(event.timestamp), event.type.padEnd(16), subject, detailOf(event)].filter(Boolean).join("  "),
  ];
}

const statusLine = ({ id, task, status, progress, question }: TaskView, at: string): string =>
  [
    timeOfDay(at),
    `is ${status}`.padEnd(16),
    plainLine(`${task} ${id.slice(0, 8)}`, progress),
    ...(question ? [question.prompt] : []),
  ].join("  ");

function detailOf(event: WireEvent): string {
  if (event.type === "task_progress") return plainLine("", event.progress as Progress).trim();
  if (event.type === "task_completed") return JSON.stringify(event.result ?? null).slice(0, 120);
  if (event.type === "task_question") return (event.question as Question).prompt;
  if (event.type === "device_changed") return changesOf(event);
  const plugin = event.plugin as { file: string; status: string } | undefined;
  const said = plugin ? `${plugin.file} ${plugin.status}` : (event.error ?? event.reason);
  return typeof said === "string" ? said : "";
}

/** `rotor is_moving true` */
function changesOf({ device, changed }: WireEvent): string {
  const state = device as Readonly<Record<string, unknown>>;
  return [state.name, ...(changed as string[]).map((key) => `${key} ${state[key]}`)].join("  ");
}

const positions = new Set(["angle_degrees", "position_um"]);

/** A moving axis says where it is many times a second. */
const isMereMotion = ({ type, changed }: WireEvent): boolean =>
  type === "device_changed" && (changed as string[]).every((key) => positions.has(key));
