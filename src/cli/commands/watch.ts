// armature watch: what happens, one line each, until Ctrl+C or the end of the watched task.
import { deferred } from "../../lib/deferred.ts";
import { hasEnded } from "../../task/lifecycle.ts";
import type { Progress } from "../../task/progress.ts";
import type { TaskView } from "../../task/record.ts";
import type { WireEvent } from "../client.ts";
import { CommandError } from "../command-error.ts";
import { connect } from "../connect.ts";
import { readOptions } from "../options.ts";
import { plainLine } from "../progress-bar.ts";
import { exit, type Shell, untilInterrupted } from "../shell.ts";

export async function run(words: readonly string[], shell: Shell): Promise<number> {
  const [id] = readOptions("watch", words, {}, 1).positionals;
  const { client } = await connect(shell);
  const names = new Map<string, string>();
  const ended = deferred();
  const stream = await client.follow((event) => {
    for (const line of linesOf(event, names, id)) shell.out.line(line);
    if (event.task_id === id && lastEvents.has(event.type)) ended.resolve();
  });
  // One that had ended before will tell nothing more.
  const task = id === undefined ? null : await client.get<TaskView>(`/tasks/${encodeURIComponent(id)}`);
  if (task && hasEnded(task.status)) ended.resolve();
  const outcome = await Promise.race([
    ended.promise.then(() => "ended"),
    untilInterrupted(shell).then(() => "interrupted"),
    stream.closed.then(() => "closed"),
  ]);
  stream.close();
  if (outcome === "closed")
    throw new CommandError("The server closed the connection.", "`armature start` starts it again.");
  return exit.fine;
}

const lastEvents = new Set(["task_completed", "task_failed", "task_cancelled", "task_interrupted"]);

/** @param names of the tasks met so far, by id @param only the one task that is watched */
export function linesOf(event: WireEvent, names: Map<string, string>, only?: string): string[] {
  if (event.type === "snapshot") {
    const tasks = event.tasks as TaskView[];
    for (const task of tasks) names.set(task.id, task.task);
    return tasks
      .filter(({ id }) => only === undefined || id === only)
      .map((task) => snapshotLine(event, task));
  }
  if (event.type === "ping" || (only !== undefined && event.task_id !== only)) return [];
  const { task_id: id } = event;
  if (id !== null && typeof event.task === "string") names.set(id, event.task);
  const subject = id === null ? "" : `${names.get(id) ?? "task"} ${id.slice(0, 8)}`;
  return [[timeOf(event), event.type.padEnd(16), subject, detailOf(event)].filter(Boolean).join("  ")];
}

const snapshotLine = (event: WireEvent, { id, task, status, progress }: TaskView): string =>
  `${timeOf(event)}  ${`is ${status}`.padEnd(16)}  ${plainLine(`${task} ${id.slice(0, 8)}`, progress)}`;

/** The time of day where the terminal is. */
const timeOf = ({ timestamp }: WireEvent): string => new Date(timestamp).toTimeString().slice(0, 8);

function detailOf(event: WireEvent): string {
  if (event.type === "task_progress") return plainLine("", event.progress as Progress).trim();
  if (event.type === "task_completed") return JSON.stringify(event.result ?? null).slice(0, 120);
  const device = event.device as { name?: string } | undefined;
  const plugin = event.plugin as { file?: string } | undefined;
  const said = event.error ?? event.reason ?? device?.name ?? plugin?.file;
  return typeof said === "string" ? said : "";
}
