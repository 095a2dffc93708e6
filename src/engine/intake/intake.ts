// Takes new tasks in, at once or into the queue.
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { Clock } from "../../lib/clock.ts";
import { newId } from "../../lib/new-id.ts";
import type { LaneName } from "../../task/policy.ts";
import type { StoredTask, TaskRecord, WebhookRequest } from "../../task/record.ts";
import type { Board } from "../board/board.ts";
import type { Entry } from "../board/entry.ts";
import type { Changes } from "../changes.ts";
import type { Demands } from "../machine/demands.ts";
import type { Lane, Limits, Outlet, TaskTypes } from "../ports.ts";
import { withClaims } from "../queue/claims.ts";
import type { Alone, BatchRequest, Idempotency, SubmitRequest, SubmittedBatch } from "../requests.ts";
import { inBatch, type Resolved, resolveBatch } from "./batch.ts";
import { Busy } from "./busy.ts";
import { Repeats } from "./repeats.ts";
import { findType, newTask } from "./submission.ts";

export interface IntakeDeps {
  readonly clock: Clock;
  readonly types: TaskTypes;
  readonly lanes: Partial<Record<LaneName, Lane>>;
  readonly limits: () => Limits;
  readonly board: Board;
  readonly changes: Changes;
  readonly outlet?: Outlet;
  readonly demands: Demands;
  readonly nextOrder: () => number;
  /** Stores a task as started, where nothing keeps it from that; null where it has to wait. @throws STORE_UNAVAILABLE */
  readonly start: (task: StoredTask) => Promise<Entry> | null;
  /** They are stored and on the board. */
  readonly accepted: (entries: readonly Entry[]) => void;
}

export class Intake {
  readonly #deps: IntakeDeps;
  readonly #repeats: Repeats;
  readonly busy: Busy;
  /** Requests on their way to the queue: whoever comes later does not pass them by. */
  #liningUp = 0;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
    this.#repeats = new Repeats(deps.board);
    this.busy = new Busy(deps);
  }

  submit(request: SubmitRequest, idempotency?: Idempotency, alone?: Alone): Promise<TaskRecord> {
    if (!idempotency) return this.#accept(request, null, { alone });
    const accept = async () => [await this.#accept(request, idempotency, { alone })];
    return this.#repeats.once(idempotency, accept).then(([task]) => task as TaskRecord);
  }

  /** Part of a task that runs: a machine that does one task at a time takes it, too. */
  submitBeneath(parent: string, request: SubmitRequest): Promise<TaskRecord> {
    return this.#accept(request, null, { parent });
  }

  async submitBatch(batch: BatchRequest, idempotency?: Idempotency): Promise<SubmittedBatch> {
    const accept = (): Promise<readonly TaskRecord[]> => this.#acceptBatch(batch, idempotency ?? null);
    const tasks = await (idempotency ? this.#repeats.once(idempotency, accept) : accept());
    const keyOf = ({ id }: TaskRecord) => this.#deps.board.get(id)?.stored.memo.wishes?.key;
    const keys = tasks.flatMap((task) => {
      const key = keyOf(task);
      return key === undefined ? [] : [[key, task.id] as const];
    });
    return { tasks, group: batch.group ?? null, keys: Object.fromEntries(keys) };
  }

  /** @throws UNKNOWN_TASK_TYPE, INVALID_PARAMETERS, LANE_UNAVAILABLE, OUT_OF_LIMITS, and whatever else is wrong with the request itself */
  check(request: SubmitRequest): void {
    this.#newTask({ id: "", request }, null);
  }

  async #accept(
    request: SubmitRequest,
    idempotency: Idempotency | null,
    { parent, alone }: { readonly parent?: string; readonly alone?: Alone | undefined },
  ): Promise<TaskRecord> {
    const task = this.#newTask({ id: newId(), request }, idempotency, parent);
    if (request.webhooks) await this.#deps.outlet?.open();
    if (parent === undefined) this.busy.refuse();
    if (alone) this.busy.refuseAmong(alone);
    if (task.record.depends_on.length > 0) {
      this.#refuseUnknown(task);
      await this.#create([task], (_, work) => work());
      return task.record;
    }
    const arrived = parent === undefined ? this.#admit(task) : null;
    const over = this.busy.expect([task]);
    try {
      const complete = this.#complete(task);
      const stored = complete instanceof Promise ? await complete : complete;
      const begun = this.#liningUp === 0 ? this.#deps.start(stored) : null;
      await (begun ?? this.#lineUp(stored));
    } finally {
      over();
      arrived?.();
    }
    return task.record;
  }

  async #lineUp(task: StoredTask): Promise<void> {
    this.#liningUp++;
    try {
      this.#deps.accepted([await this.#deps.changes.create(task)]);
    } finally {
      this.#liningUp--;
    }
  }

  async #acceptBatch(batch: BatchRequest, idempotency: Idempotency | null): Promise<readonly TaskRecord[]> {
    const resolved = resolveBatch(batch, newId);
    const tasks = resolved.map((task, index) => inBatch(index, () => this.#newTask(task, idempotency)));
    const ids = new Set(tasks.map(({ record }) => record.id));
    if (batch.tasks.some(({ webhooks }) => webhooks)) await this.#deps.outlet?.open();
    for (const [index, task] of tasks.entries()) inBatch(index, () => this.#refuseUnknown(task, ids));
    this.busy.refuse(tasks.length);
    await this.#create(tasks, inBatch);
    return tasks.map(({ record }) => record);
  }

  #newTask({ id, request }: Resolved, idempotency: Idempotency | null, parent?: string): StoredTask {
    const { types, lanes, limits, clock, nextOrder } = this.#deps;
    if (request.webhooks) refuseWebhooks(request.webhooks, this.#deps.outlet);
    const type = findType(types, request.task);
    const task = newTask(type, request, idempotency, {
      id,
      order: nextOrder(),
      now: clock.now(),
      defaultTimeoutSeconds: limits().defaultTimeoutSeconds,
      parent,
    });
    const { lane, parameters } = task.record;
    if (!lanes[lane]) throw new RuntimeError("LANE_UNAVAILABLE", { lane });
    this.#deps.demands.check(type, parameters);
    return task;
  }

  /**
   * All or none; what they depend on stays until they are there.
   * @param named says of what was thrown which of them it is about
   */
  async #create(tasks: readonly StoredTask[], named: typeof inBatch): Promise<void> {
    const { board, changes, accepted } = this.#deps;
    const needed = tasks.flatMap(({ record }) => record.depends_on.map(({ task }) => task));
    const settled = [board.dependants.expect(needed), this.busy.expect(tasks)];
    this.#liningUp++;
    try {
      accepted(await changes.createAll(await this.#allComplete(tasks, named)));
    } finally {
      this.#liningUp--;
      for (const over of settled) over();
    }
  }

  /** Null for one that nobody knows when it starts. @throws DEVICE_CLAIMED, OUT_OF_LIMITS */
  #admit({ record, memo }: StoredTask): (() => void) | null {
    const type = this.#deps.types.get(record.task);
    return type && memo.not_before === undefined ? this.#deps.demands.admit(type, record.parameters) : null;
  }

  /** What it claims may follow from its parameters: its type is asked before anything is stored. */
  #complete(task: StoredTask): StoredTask | Promise<StoredTask> {
    const type = this.#deps.types.get(task.record.task);
    return type?.policy.usesDependOnParameters ? withClaims(task, type) : task;
  }

  #allComplete(tasks: readonly StoredTask[], named: typeof inBatch): Promise<StoredTask[]> {
    const complete = async (task: StoredTask, index: number): Promise<StoredTask> => {
      const [asked] = await Promise.allSettled([this.#complete(task)]);
      return named(index, () => {
        if (asked.status === "rejected") throw asked.reason;
        return asked.value;
      });
    };
    return Promise.all(tasks.map(complete));
  }

  #refuseUnknown({ record }: StoredTask, batch?: ReadonlySet<string>): void {
    const { board } = this.#deps;
    for (const { task: id } of record.depends_on) {
      if (batch?.has(id) || (board.get(id) && !board.dependants.isLeaving(id))) continue;
      const message = `there is no task '${id}'`;
      throw new RuntimeError("UNKNOWN_DEPENDENCY", { id, errors: [{ path: "depends_on", message }] });
    }
  }
}

/** @throws WEBHOOK_REFUSED with the place of the first that nothing is sent to */
function refuseWebhooks(webhooks: readonly WebhookRequest[], outlet: Outlet | undefined): void {
  for (const [index, { url }] of webhooks.entries()) {
    const problem = outlet
      ? outlet.problemOf(url)
      : "would be told by nobody: this runtime sends no webhooks";
    if (problem === null) continue;
    const errors = [{ path: `webhooks[${index}].url`, message: problem, found: url }];
    throw new RuntimeError("WEBHOOK_REFUSED", { url, problem, errors });
  }
}
