// The verbs of the engine, and its beginning and end. Each verb is done by one of the parts beside this file.
import { RuntimeError } from "../errors/runtime-error.ts";
import type { EventInput } from "../events/catalogue.ts";
import type { Clock } from "../lib/clock.ts";
import { deferred } from "../lib/deferred.ts";
import type { Logger } from "../lib/logger.ts";
import { hasEnded, isActive, type Status } from "../task/lifecycle.ts";
import { type LaneName, lanes } from "../task/policy.ts";
import type { ProgressUpdate } from "../task/progress.ts";
import type { StoredTask, TaskRecord, TaskView, WebhookRequest } from "../task/record.ts";
import type { Attention } from "./attention.ts";
import { Board } from "./board.ts";
import { Calls } from "./calls.ts";
import { interruptedInMotion } from "./caution.ts";
import { Changes } from "./changes.ts";
import { Children } from "./children.ts";
import { Control } from "./control.ts";
import { Delays } from "./delays.ts";
import { waitsForOwner } from "./dependencies.ts";
import { DependencyTrigger } from "./dependency-trigger.ts";
import type { Entry } from "./entry.ts";
import { Groups } from "./groups.ts";
import { Intake } from "./intake.ts";
import type {
  FileHashes,
  Lane,
  Limits,
  LogEntry,
  LogFiles,
  Machine,
  Outlet,
  QueuePause,
  ResultFiles,
  TaskStore,
  TaskTypes,
} from "./ports.ts";
import { Questions } from "./questions.ts";
import { QueuePauses } from "./queue-pauses.ts";
import type {
  BatchRequest,
  CancelGrade,
  ChangeRequest,
  DrainOptions,
  GroupView,
  Idempotency,
  ListFilter,
  Page,
  QueueView,
  StopReport,
  SubmitRequest,
  SubmittedBatch,
  TaskPage,
  TaskStats,
  Tasks,
} from "./requests.ts";
import { restore } from "./restore.ts";
import { Retention } from "./retention.ts";
import { Runner } from "./runner.ts";
import { Scheduler } from "./scheduler.ts";
import { Statistics } from "./statistics.ts";
import { noMachine, stopEverything } from "./stop.ts";
import { TaskLogs } from "./task-logs.ts";
import { ticketOf } from "./turn.ts";
import { Views } from "./views.ts";
import { WaitingRoom } from "./waiting-room.ts";

export interface TaskManagerOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly types: TaskTypes;
  readonly store: TaskStore;
  readonly results: ResultFiles;
  readonly hashes: FileHashes;
  readonly logs: LogFiles;
  readonly lanes: Partial<Record<LaneName, Lane>>;
  readonly limits: () => Limits;
  /** 0 <= n < 1 */
  readonly random: () => number;
  readonly publish: (event: EventInput) => void;
  /**
   * The boot of the machine in which the last process died by itself, as a plain word. Default: none, the power went or
   * it ended in order.
   */
  readonly crashedIn?: string | null;
  /** Default: webhooks are refused. */
  readonly outlet?: Outlet;
  /** Default: there are no devices. */
  readonly machine?: Machine;
}

export class TaskManager implements Tasks {
  readonly #options: TaskManagerOptions;
  readonly #board: Board;
  readonly #changes: Changes;
  readonly #delays: Delays;
  readonly #dependencies: DependencyTrigger;
  readonly #waitingRoom: WaitingRoom;
  readonly #scheduler: Scheduler;
  readonly #runner: Runner;
  readonly #retention: Retention;
  readonly #intake: Intake;
  readonly #control: Control;
  readonly #children: Children;
  readonly #logs: TaskLogs;
  readonly #questions: Questions;
  readonly #groups: Groups;
  readonly #views: Views;
  readonly #statistics = new Statistics();
  readonly #pauses: QueuePauses;
  readonly #machine: Machine;
  #lastOrder = 0;
  #closing: Promise<void> | null = null;
  #isDraining = false;
  /** Nothing ends any more. */
  #isClosed = false;

  private constructor(options: TaskManagerOptions) {
    this.#options = options;
    this.#machine = options.machine ?? noMachine;
    const board = new Board(options.clock);
    const nextOrder = (): number => ++this.#lastOrder;
    this.#board = board;
    this.#changes = new Changes({
      ...options,
      board,
      onEnded: (entry) => this.#ended(entry),
      onForgotten: (entry) => this.#logs.forget(entry.id),
    });
    const changes = this.#changes;
    this.#pauses = new QueuePauses({ ...options, onChange: (pause) => this.#queueChanged(pause) });
    this.#scheduler = new Scheduler({
      ...options,
      start: (id) => this.#runner.begin(this.#views.entry(id)),
    });
    const scheduler = this.#scheduler;
    const enqueue = (entry: Entry): void => this.#enqueue(entry);
    this.#dependencies = new DependencyTrigger({
      ...options,
      board,
      changes,
      scheduler,
      enter: enqueue,
      leave: (entry) => this.#waitingRoom.leave(entry),
    });
    this.#delays = new Delays({ ...options, changes, onDue: () => scheduler.tick() });
    this.#waitingRoom = new WaitingRoom([this.#dependencies, this.#delays], (entry) => this.#takePart(entry));
    const waitingRoom = this.#waitingRoom;
    const logs = new TaskLogs(options);
    this.#logs = logs;
    this.#questions = new Questions({ ...options, changes, logs });
    this.#children = new Children({
      ...options,
      board,
      scheduler,
      submit: async (request, parent) => (await this.#intake.submitBeneath(parent, request)).id,
      stop: (child) => this.#control.stop(child, "dependency"),
      view: (entry) => this.#views.of(entry),
      isClosing: () => this.#closing !== null,
    });
    const children = this.#children;
    const calls = new Calls({
      ask: (entry, { question }) => this.#questions.ask(entry, question),
      submit: (entry, call) => children.submit(entry, call),
      wait: (entry, call) => children.wait(entry, call),
      cancel: (_, { id }) => this.#control.cancel(this.#views.entry(id)),
    });
    this.#runner = new Runner({
      ...options,
      board,
      changes,
      scheduler,
      nextOrder,
      enqueue: (entry) => {
        enqueue(entry);
        children.goesOn(entry);
        scheduler.tick();
      },
      answer: (entry, call) => calls.answer(entry, call),
      logs,
      expectedSeconds: (task) => this.#statistics.expectedSeconds(task),
      forgetCalls: (entry) => {
        this.#questions.forget(entry);
        children.ended(entry);
      },
    });
    this.#retention = new Retention({
      ...options,
      board,
      remove: (entries) => changes.forgetUnchanged(entries),
    });
    this.#views = new Views({ board, scheduler, waitingRoom, statistics: this.#statistics });
    this.#intake = new Intake({
      ...options,
      board,
      changes,
      nextOrder,
      accepted: (entries) => {
        for (const entry of entries) enqueue(entry);
        scheduler.tick();
      },
    });
    this.#control = new Control({
      ...options,
      board,
      changes,
      scheduler,
      runner: this.#runner,
      nextOrder,
      enqueue,
      reopened: (entry) => {
        this.#dependencies.reopened(entry);
        this.#pauses.letGoOn(entry.id);
      },
      withdraw: (entry) => waitingRoom.leave(entry) || scheduler.withdraw(entry.id) !== null,
      refuseNewWork: () => {
        this.#refuseWhileClosing();
        this.#intake.refuseIfBusy();
      },
    });
    this.#groups = new Groups({ board, cancel: (entry) => this.#control.cancel(entry) });
  }

  /** Takes up what was stored; nothing starts before `begin`. */
  static async open(options: TaskManagerOptions): Promise<TaskManager> {
    const manager = new TaskManager(options);
    const stored = await options.store.read();
    const { tasks, changed, lastOrder } = restore(
      stored.tasks,
      options.types,
      options.clock.now(),
      options.crashedIn ?? null,
    );
    if (changed.length > 0) await options.store.insist(changed);
    manager.#lastOrder = lastOrder;
    await manager.#pauses.restore(stored.queuePause, manager.#interruptedInMotion(stored.tasks));
    // Whoever stopped the machine has not yet said that it may move again.
    if (stored.queuePause?.because === "stopped") await manager.#machine.stop();
    manager.#board.load(tasks);
    for (const entry of manager.#board.live) {
      if (entry.stored.record.status === "pending") manager.#enqueue(entry);
    }
    for (const entry of manager.#board.ended) manager.#statistics.take(entry.stored.record);
    return manager;
  }

  #interruptedInMotion(stored: readonly StoredTask[]): string[] {
    const { types, limits } = this.#options;
    if (!limits().pauseAfterInterruptedHardware) return [];
    return interruptedInMotion(stored, types, (name) => this.#machine.moves(name));
  }

  /** From here on tasks start. */
  begin(): void {
    this.#scheduler.setPause(this.#pauses.current);
  }

  async submit(request: SubmitRequest, idempotency?: Idempotency): Promise<TaskRecord> {
    this.#refuseWhileClosing();
    return this.#intake.submit(request, idempotency);
  }

  async submitBatch(batch: BatchRequest, idempotency?: Idempotency): Promise<SubmittedBatch> {
    this.#refuseWhileClosing();
    return this.#intake.submitBatch(batch, idempotency);
  }

  /** Throws what a submit of this would be refused with at once, whatever the machine does. */
  check(request: SubmitRequest): void {
    this.#intake.check(request);
  }

  /** The task that was submitted with this Idempotency-Key, or null. */
  idOfKey(key: string): string | null {
    return this.#board.byIdempotencyKey(key)[0]?.id ?? null;
  }

  /** As the disk has it; null where it is not kept (any more). */
  recordOf(id: string): TaskRecord | null {
    return this.#board.get(id)?.stored.record ?? null;
  }

  /** Who asked with the submit to be told; empty for most tasks. */
  webhooksOf(id: string): readonly WebhookRequest[] {
    return this.#board.get(id)?.stored.memo.wishes?.webhooks ?? [];
  }

  /** What ended or was interrupted at that time or later. */
  endedSince(time: string): readonly TaskRecord[] {
    return [...this.records()].filter(
      ({ status, updated_at }) => updated_at >= time && (hasEnded(status) || status === "interrupted"),
    );
  }

  /** Of every task that is kept, oldest first. */
  *records(): Generator<TaskRecord> {
    for (const { stored } of this.#board.all) yield stored.record;
  }

  /** How many tasks are kept, by status. */
  get counts(): Readonly<Record<Status, number>> {
    return this.#board.counts;
  }

  /** As in `stats`. */
  get queueLength(): number {
    return this.#scheduler.waiting;
  }

  /** How many tasks are under way in each lane. */
  activeByLane(): Record<LaneName, number> {
    const counts = Object.fromEntries(lanes.map((lane) => [lane, 0])) as Record<LaneName, number>;
    for (const { stored } of this.#board.live)
      if (isActive(stored.record.status)) counts[stored.record.lane]++;
    return counts;
  }

  /** Null where it is not kept (any more). */
  statusOf(id: string): Status | null {
    return this.#board.get(id)?.stored.record.status ?? null;
  }

  get(id: string): TaskView {
    return this.#views.of(this.#views.entry(id));
  }

  list(filter?: ListFilter, page?: Page): TaskPage {
    return this.#views.list(filter, page);
  }

  history(filter?: ListFilter, page?: Page): TaskPage {
    return this.#views.history(filter, page);
  }

  live(): TaskView[] {
    return this.#views.live();
  }

  async waitFor(id: string, { timeoutSeconds }: { timeoutSeconds?: number } = {}): Promise<TaskView> {
    const entry = this.#views.entry(id);
    const { status } = entry.stored.record;
    if (hasEnded(status) || status === "interrupted" || this.#isClosed) return this.#views.of(entry);
    const waiter = deferred();
    entry.waiters.add(waiter);
    const timer =
      timeoutSeconds === undefined
        ? null
        : this.#options.clock.after(timeoutSeconds * 1000, () => waiter.resolve());
    await waiter.promise;
    timer?.cancel();
    entry.waiters.delete(waiter);
    return this.#views.of(entry);
  }

  cancel(id: string, grade: CancelGrade = "cancel"): Promise<TaskView> {
    return this.#then(id, (entry) =>
      grade === "cancel" ? this.#control.cancel(entry) : this.#control.stopAfterStep(entry),
    );
  }

  group(name: string): GroupView {
    return this.#groups.view(name);
  }

  cancelGroup(name: string): Promise<GroupView> {
    return this.#groups.cancel(name);
  }

  pause(id: string): Promise<TaskView> {
    return this.#then(id, (entry) => this.#control.pause(entry));
  }

  resume(id: string): Promise<TaskView> {
    return this.#then(id, (entry) => this.#control.resume(entry));
  }

  restart(id: string): Promise<TaskView> {
    return this.#then(id, (entry) => this.#control.restart(entry));
  }

  answer(id: string, answer: unknown): Promise<TaskView> {
    return this.#then(id, (entry) => this.#questions.answer(entry, answer));
  }

  change(id: string, change: ChangeRequest): Promise<TaskView> {
    return this.#then(id, (entry) => this.#control.change(entry, change));
  }

  async remove(id: string): Promise<void> {
    await this.#control.remove(this.#views.entry(id));
  }

  async cleanup(options: { maxAgeSeconds?: number; status?: readonly Status[] }): Promise<number> {
    const { maxAgeSeconds = 0, status } = options;
    const latest = this.#options.clock.now() - maxAgeSeconds * 1000;
    const old = [...this.#board.ended].filter(
      ({ stored: { record } }) =>
        Date.parse(record.completed_at ?? record.updated_at) <= latest &&
        (status === undefined || status.includes(record.status)),
    );
    return this.#changes.forgetUnchanged(old);
  }

  updateProgress(id: string, update: ProgressUpdate): void {
    this.#control.reportFor(this.#views.entry(id), update);
  }

  stats(): TaskStats {
    return this.#views.stats();
  }

  queue(): QueueView {
    return this.#views.queue(this.#pauses.current);
  }

  /** Which running tasks are in trouble. */
  attention(): Attention {
    return this.#runner.attention();
  }

  get isClosing(): boolean {
    return this.#closing !== null;
  }

  get queuePause(): QueuePause | null {
    return this.#pauses.current;
  }

  pauseQueue(): Promise<void> {
    return this.#pauses.pause();
  }

  resumeQueue(): Promise<void> {
    return this.#pauses.resume();
  }

  async stop(): Promise<StopReport> {
    const report = await stopEverything({
      clock: this.#options.clock,
      machine: this.#machine,
      board: this.#board,
      pauses: this.#pauses,
      control: this.#control,
    });
    this.#options.log.warn({ ...report }, "everything was stopped in an emergency");
    return report;
  }

  async logs(id: string): Promise<readonly LogEntry[]> {
    return this.#logs.of(this.#views.entry(id));
  }

  /** Types came, changed or went: those who wait for them are lined up anew, at their turn. */
  typesChanged(names: ReadonlySet<string>): void {
    for (const ticket of this.#scheduler.inOrder())
      if (names.has(ticket.task)) this.#scheduler.lineUpAnew(ticket);
    this.#scheduler.tick();
  }

  /** Somebody may start now. */
  limitsChanged(): void {
    this.#runner.limitsChanged();
    this.#scheduler.limitsChanged();
  }

  /** Takes nothing new; resolves when everything that was accepted has ended or waits for its owner. */
  async drained({ timeoutSeconds }: DrainOptions = {}): Promise<void> {
    this.#isDraining = true;
    const late = deferred();
    const timer =
      timeoutSeconds === undefined
        ? null
        : this.#options.clock.after(timeoutSeconds * 1000, () => late.resolve());
    await Promise.race([this.#allEnded(), late.promise]);
    timer?.cancel();
  }

  /** Tasks under way may still submit others. */
  async #allEnded(): Promise<void> {
    for (;;) {
      const live = [...this.#board.live].filter(({ stored: { record } }) => {
        const waits = record.depends_on.length > 0 && waitsForOwner(record, (id) => this.#board.recordOf(id));
        return record.status !== "interrupted" && !waits;
      });
      if (live.length === 0 || this.#isClosed) return;
      await Promise.all(live.map(({ id }) => this.waitFor(id)));
    }
  }

  /** Running tasks are told, get their grace, and are stored as interrupted; then retention is applied. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#delays.close();
    this.#scheduler.close();
    await this.#runner.close();
    await this.#logs.close();
    this.#retention.close();
    this.#isClosed = true;
    for (const entry of this.#board.live) entry.wakeWaiters();
    try {
      if (this.#options.limits().clearHistoryOnShutdown) await this.cleanup({});
      else await this.#retention.apply();
    } catch (error) {
      this.#options.log.warn({ err: error }, "old tasks could not be forgotten");
    }
  }

  async #then(id: string, verb: (entry: Entry) => Promise<void>): Promise<TaskView> {
    const entry = this.#views.entry(id);
    await verb(entry);
    return this.#views.of(entry);
  }

  #refuseWhileClosing(): void {
    if (this.#closing || this.#isDraining) throw new RuntimeError("SHUTTING_DOWN");
  }

  #enqueue(entry: Entry): void {
    this.#delays.begin(entry);
    this.#waitingRoom.enter(entry);
  }

  #takePart(entry: Entry): void {
    this.#scheduler.add(ticketOf(entry));
  }

  #ended(entry: Entry): void {
    this.#statistics.take(entry.stored.record);
    this.#logs.ended(entry);
    this.#retention.taskEnded();
    this.#dependencies.ended(entry);
    if (entry.stored.memo.wishes?.parent !== undefined) this.#children.forget(entry);
  }

  #queueChanged(pause: QueuePause | null): void {
    if (pause === null) this.#machine.release();
    this.#scheduler.setPause(pause);
    const paused_because = pause?.because ?? null;
    this.#options.publish({ type: "queue_changed", task_id: null, paused: pause !== null, paused_because });
  }
}
