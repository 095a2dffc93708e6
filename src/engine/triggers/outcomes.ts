// What a starting task is told of those it depends on.
import { RuntimeError, sentenceOf } from "../../errors/runtime-error.ts";
import type { DependencyOutcome } from "../../task/dependencies.ts";
import { keptResult } from "../../task/kept-result.ts";
import { hasEnded } from "../../task/lifecycle.ts";
import type { StoredTask, TaskRecord } from "../../task/record.ts";
import type { Board } from "../board/board.ts";
import type { ResultFiles } from "../ports.ts";

export const noOutcomes: readonly DependencyOutcome[] = [];

/**
 * In the order of `depends_on`; without those that are no longer kept, or were restarted since.
 * @throws DEPENDENCY_RESULT_LOST where the file of a large result is gone or damaged
 */
export async function outcomesOf(
  { record }: StoredTask,
  board: Board,
  results: ResultFiles,
): Promise<readonly DependencyOutcome[]> {
  const found = record.depends_on.flatMap(({ task }) => board.get(task)?.stored ?? []);
  const ended = found.filter((task) => hasEnded(task.record.status));
  return Promise.all(ended.map((task) => outcomeOf(task, results)));
}

async function outcomeOf({ record, memo }: StoredTask, results: ResultFiles): Promise<DependencyOutcome> {
  const { id, name, task, status, failure } = record;
  return {
    id,
    key: memo.wishes?.key ?? null,
    name,
    task,
    status: status as DependencyOutcome["status"],
    result: status === "completed" ? await resultOf(record, results) : null,
    failure,
  };
}

async function resultOf(record: TaskRecord, results: ResultFiles): Promise<unknown> {
  if (keptResult(record) === null) return record.result;
  try {
    return await results.read(record.id);
  } catch (error) {
    const details = { id: record.id, problem: sentenceOf(error) };
    throw new RuntimeError("DEPENDENCY_RESULT_LOST", details, { cause: error });
  }
}
