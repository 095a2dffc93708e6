// What the tasks that a task depends on mean for it: it waits, it goes on, or it cannot any more. Pure.
import { type Failure, RuntimeError, toFailure } from "../../errors/runtime-error.ts";
import { hasEnded } from "../../task/lifecycle.ts";
import type { Dependency, StoredTask, TaskRecord } from "../../task/record.ts";

/** A task that did not succeed, or that was removed and cannot be asked any more. */
export interface Lost {
  readonly id: string;
  readonly status: "failed" | "cancelled" | "removed";
  /** Of its failure. */
  readonly code: string | null;
}

export interface Outlook {
  /** Those that have not ended; an interrupted one may still go on. */
  readonly open: readonly string[];
  /** Those that forbid it to run. */
  readonly lost: readonly Lost[];
}

/** @param find undefined for a task that is not kept any more */
export function outlookOf(
  { record, memo }: StoredTask,
  find: (id: string) => TaskRecord | undefined,
): Outlook {
  const runsAnyway = memo.wishes?.on_dependency_failure === "run";
  const open: string[] = [];
  const lost: Lost[] = [];
  for (const { task: id, when } of record.depends_on) {
    const found = find(id);
    if (found && !hasEnded(found.status)) open.push(id);
    else if (found?.status !== "completed" && when === "success" && !runsAnyway)
      lost.push({ id, status: lostStatus(found), code: found?.failure?.code ?? null });
  }
  return { open, lost };
}

/** Behind an interrupted task, however far: it cannot go on before its owner has decided about that one. */
export function waitsForOwner(record: TaskRecord, find: (id: string) => TaskRecord | undefined): boolean {
  const seen = new Set<TaskRecord>();
  const open = record.status === "pending" ? [record] : [];
  for (let at = open.pop(); at; at = open.pop()) {
    seen.add(at);
    for (const { task } of at.depends_on) {
      const found = find(task);
      if (found?.status === "interrupted") return true;
      if (found?.status === "pending" && !seen.has(found)) open.push(found);
    }
  }
  return false;
}

const lostStatus = (found: TaskRecord | undefined): Lost["status"] =>
  found === undefined ? "removed" : found.status === "cancelled" ? "cancelled" : "failed";

const words = { failed: "failed", cancelled: "was cancelled", removed: "is no longer kept" };

export function dependencyFailed(lost: readonly Lost[]): Failure {
  const reason = lost.map(({ id, status, code }) => `${id} ${words[status]}${code ? ` (${code})` : ""}`);
  return toFailure(new RuntimeError("DEPENDENCY_FAILED", { reason: reason.join("; "), dependencies: lost }));
}

/** A task that stands there twice counts once; its success is the stronger wish. */
export function oncePerTask(dependencies: readonly Dependency[]): Dependency[] {
  const wishes = new Map<string, Dependency>();
  for (const dependency of dependencies)
    if (wishes.get(dependency.task)?.when !== "success") wishes.set(dependency.task, dependency);
  return [...wishes.values()];
}
