// Tasks that are submitted together: their keys become ids, and nobody waits for itself by way of others. Pure.
import { isRuntimeError, RuntimeError } from "../../errors/runtime-error.ts";
import type { FieldIssue } from "../ports.ts";
import type { BatchRequest, BatchTask } from "../requests.ts";

/** One task of a batch, as a request of its own. */
export interface Resolved {
  readonly id: string;
  readonly request: BatchTask;
}

/**
 * @param newId called once for each task
 * @throws INVALID_REQUEST for a key that stands there twice, DEPENDENCY_CYCLE with the way round
 */
export function resolveBatch({ tasks, group }: BatchRequest, newId: () => string): Resolved[] {
  const ids = tasks.map(newId);
  const keys = idsByKey(tasks, ids);
  const resolved = tasks.map((task, index) => ({
    id: ids[index] as string,
    request: {
      ...task,
      group: task.group ?? group,
      depends_on: task.depends_on?.map((dependency) => ({
        ...dependency,
        task: keys.get(dependency.task) ?? dependency.task,
      })),
    },
  }));
  refuseCycle(resolved);
  return resolved;
}

function idsByKey(tasks: readonly BatchTask[], ids: readonly string[]): Map<string, string> {
  const places = new Map<string, number>();
  tasks.forEach(({ key }, index) => {
    if (key === undefined) return;
    const before = places.get(key);
    if (before !== undefined)
      throw new RuntimeError("INVALID_REQUEST", {
        errors: [{ path: `tasks[${index}].key`, message: `'${key}' is the key of tasks[${before}] already` }],
      });
    places.set(key, index);
  });
  return new Map(Array.from(places, ([key, index]) => [key, ids[index] as string]));
}

/** Follows every dependency as far as it goes; who comes by where it has been before goes round. */
function refuseCycle(batch: readonly Resolved[]): void {
  const known = new Map(batch.map((task) => [task.id, task]));
  const clear = new Set<Resolved>();
  const onTheWay = new Set<Resolved>();
  for (const start of batch) {
    const way = clear.has(start) ? [] : [stepTo(start)];
    for (let at = way.at(-1); at; at = way.at(-1)) {
      onTheWay.add(at.task);
      const next = at.rest.next();
      const behind = next.done ? undefined : known.get(next.value.task);
      if (next.done) {
        clear.add(at.task);
        onTheWay.delete(at.task);
        way.pop();
      } else if (behind && onTheWay.has(behind)) {
        throw cycle(batch, [...onTheWay], behind);
      } else if (behind && !clear.has(behind)) way.push(stepTo(behind));
    }
  }
}

const stepTo = (task: Resolved) => ({ task, rest: (task.request.depends_on ?? []).values() });

function cycle(batch: readonly Resolved[], way: readonly Resolved[], again: Resolved): RuntimeError {
  const round = [...way.slice(way.indexOf(again)), again];
  const keys = round.map(({ request }) => request.key).join(" → ");
  const path = `tasks[${batch.indexOf(again)}].depends_on`;
  return new RuntimeError("DEPENDENCY_CYCLE", {
    cycle: keys,
    errors: [{ path, message: `goes round: ${keys}` }],
  });
}

/** What is wrong with one task of a batch names its place. */
export function inBatch<T>(index: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isRuntimeError(error)) throw error;
    const { errors } = error.details as { errors?: readonly FieldIssue[] };
    const place = `tasks[${index}]`;
    const own = { path: error.code === "UNKNOWN_TASK_TYPE" ? "task" : "", message: error.message };
    throw new RuntimeError(
      error.code,
      {
        ...error.details,
        index,
        errors: (errors ?? [own]).map((issue) => ({
          ...issue,
          path: issue.path === "" ? place : `${place}.${issue.path}`,
        })),
      },
      { cause: error },
    );
  }
}
