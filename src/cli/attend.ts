// Submits a task and stays with it until it has ended: its progress on a bar, Ctrl+C cancels it.
import type { Progress } from "../task/progress.ts";
import type { Question, TaskView } from "../task/record.ts";
import { answerForm } from "./answer-form.ts";
import type { Client, WireEvent } from "./client.ts";
import { duration, ProgressBar } from "./progress-bar.ts";
import { exit, type Shell } from "./shell.ts";
import { type Terminal, timeOfDay } from "./terminal.ts";

export interface Submission {
  readonly task: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** @returns the ended task, or null where the person left it to itself with a second Ctrl+C */
export async function attend(client: Client, submission: Submission, shell: Shell): Promise<TaskView | null> {
  const { err } = shell;
  const bar = new ProgressBar(err, submission.task);
  let id: string | null = null;
  /** Events may overtake the answer to the submit, which says which of them are ours. */
  const early: WireEvent[] = [];
  const tell = (event: WireEvent): void => {
    if (event.task_id !== id) return;
    if (event.type === "task_progress") bar.update(event.progress as Progress);
    const line = lineOf(event);
    if (line === null) return;
    bar.clear();
    err.line(line);
  };
  const stream = await client.follow((event) => {
    if (id === null) early.push(event);
    else tell(event);
  });
  const leaving = new AbortController();
  let interrupts = 0;
  let cancelled = Promise.resolve();
  const quiet = shell.onInterrupt(() => {
    interrupts++;
    if (interrupts > 1) return leaving.abort();
    bar.clear();
    err.line("Cancelling; Ctrl+C again leaves the task to itself.");
    // Without an id the answer to the submit is still under way, and the cancel follows it.
    if (id !== null) cancelled = cancel(client, id, err);
  });
  try {
    let task = await client.post<TaskView>("/tasks", submission);
    id = task.id;
    for (const event of early.splice(0)) tell(event);
    if (interrupts > 0) cancelled = cancel(client, id, err);
    if (task.status === "pending") task = await client.get<TaskView>(`/tasks/${id}`);
    if (task.blocked_by.length > 0) err.line(waitingLine(task));
    else if (err.width !== null) bar.update(task.progress);
    return await client.untilEnded(id, leaving.signal);
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
    // A third Ctrl+C is the terminal's own; until then the cancel gets through.
    quiet();
    await cancelled;
    return null;
  } finally {
    bar.clear();
    quiet();
    stream.close();
  }
}

/** Says how it ended. @returns the exit code that goes with it */
export function tellEnd(task: TaskView, terminal: Terminal): number {
  const took =
    task.started_at && task.completed_at ? ` after ${elapsed(task.started_at, task.completed_at)}` : "";
  if (task.status === "completed") {
    terminal.line(`${terminal.style("green", "✓")} ${task.task} completed${took}`);
    return exit.fine;
  }
  if (task.status === "cancelled") {
    terminal.line(`${terminal.style("yellow", "■")} ${task.task} was cancelled${took}`);
    return exit.interrupted;
  }
  terminal.line(
    `${terminal.style("red", "✗")} ${task.task} ${task.status}${took}: ${task.error ?? "no reason given"}`,
  );
  if (task.failure?.remediation)
    terminal.line(`  ${terminal.style("cyan", "→")} ${task.failure.remediation}`);
  return exit.failed;
}

async function cancel(client: Client, id: string, terminal: Terminal): Promise<void> {
  await client.post(`/tasks/${id}/cancel`).catch((error: Error) => terminal.line(error.message));
}

function waitingLine(task: TaskView): string {
  const place = task.queue_position === null ? "" : ` as number ${task.queue_position} of the queue`;
  const isQueuePaused = task.blocked_by.some(({ because }) => because === "queue_paused");
  const remedy = isQueuePaused
    ? "\n  → `armature resume` lets tasks start, and after a stop devices move."
    : "";
  return `${task.task} waits${place}: ${reasonsOf(task)}${remedy}`;
}

/** What a person who waits for the task wants to know at once. */
function lineOf({ type, task_id: id, question, error, not_before }: WireEvent): string | null {
  if (type === "task_question") {
    const { prompt, schema } = question as Question;
    return `The task asks: ${prompt}\n  → armature answer ${id} ${answerForm(schema)}`;
  }
  if (type !== "task_retrying") return null;
  return `It is tried again, not before ${timeOfDay(String(not_before))}: ${error}`;
}

/** `tasks_running` -> `tasks running`, and the name that is claimed */
export const reasonsOf = ({ blocked_by }: TaskView): string => {
  const reasons = blocked_by.map(({ because, resource }) => {
    const words = because.replaceAll("_", " ");
    return because.startsWith("claim") ? `${words} ${resource}` : words;
  });
  return [...new Set(reasons)].join(", ");
};

const elapsed = (from: string, to: string): string => duration((Date.parse(to) - Date.parse(from)) / 1000);
