// From a request to the first record of a task. Pure.
import { RuntimeError } from "../../errors/runtime-error.ts";
import { isoTime } from "../../lib/clock.ts";
import { nearest } from "../../lib/nearest.ts";
import { actionOf } from "../../task/name.ts";
import { defaultRetry, type LaneName, type Policy, type WorkLimits } from "../../task/policy.ts";
import { noProgress } from "../../task/progress.ts";
import type { StoredTask, Wishes } from "../../task/record.ts";
import type { FieldIssue, TaskType, TaskTypes } from "../ports.ts";
import type { BatchTask, Idempotency } from "../requests.ts";
import { oncePerTask } from "../triggers/dependencies.ts";
import { dueOf } from "../triggers/due.ts";

/** @param name with or without `_task` @throws UNKNOWN_TASK_TYPE with the nearest names */
export function findType(types: TaskTypes, name: string): TaskType {
  const type = types.get(name) ?? types.get(`${name}_task`);
  if (type) return type;
  const known = types.names();
  const near =
    [name, `${name}_task`].map((word) => nearest(word, known)).find(({ length }) => length > 0) ?? [];
  const hint = near.length > 0 ? `Did you mean ${near.join(" or ")}? ` : "";
  const why = types.whyMissing(name);
  throw new RuntimeError("UNKNOWN_TASK_TYPE", {
    task: name,
    nearest: near,
    hint,
    ...(why && { reason: ` ${why}` }),
  });
}

/** @throws INVALID_PARAMETERS with the path of each field */
export function validParameters(
  type: TaskType,
  parameters: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const checked = type.validate(parameters);
  if (checked.ok) return checked.parameters;
  throw invalidParameters(type.name, checked.issues);
}

const invalidParameters = (task: string, errors: readonly FieldIssue[]): RuntimeError =>
  new RuntimeError("INVALID_PARAMETERS", { task, errors });

export interface NewTask {
  readonly id: string;
  readonly order: number;
  readonly now: number;
  readonly defaultTimeoutSeconds: number | null;
  /** The task that submits it; undefined where none does. */
  readonly parent?: string;
}

/**
 * Where a task runs: in the lane its submit wished. A type that wants a process of its own has one in the fleet, too.
 * @param wished as the submit said, or the record has it
 */
export const laneOf = (policy: Policy, wished: LaneName): LaneName =>
  wished === "isolated" || wished === "fleet" ? wished : policy.lane;

/** Thousands of tasks wait with nothing in their lists. */
const none: readonly never[] = Object.freeze([]);

export function newTask(
  type: TaskType,
  request: BatchTask,
  idempotency: Idempotency | null,
  { id, order, now, defaultTimeoutSeconds, parent }: NewTask,
): StoredTask {
  const at = isoTime(now);
  const { policy } = type;
  const wishes = wishesOf(type, request, parent);
  return {
    record: {
      id,
      name: request.name ?? type.name,
      task: type.name,
      action: actionOf(type.name),
      category: type.category,
      parameters: validParameters(type, request.parameters ?? {}),
      is_exclusive: policy.isExclusive,
      is_blocking: policy.isBlocking,
      lane: laneOf(policy, request.lane ?? policy.lane),
      status: "pending",
      progress: noProgress,
      result: null,
      error: null,
      failure: null,
      partial_result: null,
      attempt: 0,
      attempts: none,
      priority: request.priority ?? policy.priority,
      metadata: request.metadata ?? null,
      user_context: request.user_context ?? null,
      group: request.group ?? null,
      depends_on: request.depends_on ? oncePerTask(request.depends_on) : none,
      question: null,
      source: type.source,
      artifacts: none,
      created_at: at,
      started_at: null,
      completed_at: null,
      updated_at: at,
    },
    memo: {
      order,
      timeout_seconds:
        request.timeout_seconds === undefined
          ? (policy.timeoutSeconds ?? defaultTimeoutSeconds)
          : request.timeout_seconds,
      checkpoint: null,
      continues: false,
      idempotency,
      cancel_reason: null,
      shut_down: false,
      ...dueOf(request, now),
      ...(wishes && { wishes }),
    },
  };
}

/** Undefined for most tasks: they wish nothing special. @throws LIMITS_NEED_ISOLATION */
function wishesOf(type: TaskType, request: BatchTask, parent?: string): Wishes | undefined {
  const { on_dependency_failure, key, retry, limits, webhooks } = request;
  const isOrdinary = on_dependency_failure === undefined && key === undefined && parent === undefined;
  if (isOrdinary && retry === undefined && !limits && !webhooks) return undefined;
  return {
    ...(parent !== undefined && { parent }),
    ...(on_dependency_failure !== undefined && { on_dependency_failure }),
    ...(key !== undefined && { key }),
    ...(retry !== undefined && { retry: { ...defaultRetry, ...retry } }),
    ...(limits && { limits: limitsOf(type, request.lane, limits) }),
    ...(webhooks && { webhooks }),
  };
}

/** What the submit says comes before what the type says. */
function limitsOf(
  { policy, name }: TaskType,
  lane: BatchTask["lane"],
  limits: Partial<WorkLimits>,
): WorkLimits {
  const runsIn = laneOf(policy, lane ?? policy.lane);
  if (runsIn !== "isolated" && runsIn !== "fleet")
    throw new RuntimeError("LIMITS_NEED_ISOLATION", { task: name, lane: runsIn });
  return { ...policy.limits, ...limits };
}
