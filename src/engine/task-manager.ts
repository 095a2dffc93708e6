// The verbs of the engine, and its beginning and end. Each verb is done by one of the parts beside this file.
import { RuntimeError } from "../errors/runtime-error.ts";
import { deferred } from "../lib/deferred.ts";
import { hasEnded, isActive, type Status } from "../task/lifecycle.ts";
import { type LaneName, lanes } from "../task/policy.ts";
import type { ProgressUpdate } from "../task/progress.ts";
import type { StoredTask, TaskRecord, TaskView, WebhookRequest } from "../task/record.ts";
import type { Attention } from "./attempt/attention.ts";
import type { Entry } from "./board/entry.ts";
import { deviceClaimed } from "./machine/claimed.ts";
import { stopDevice, stopEverything } from "./machine/stop.ts";
import { type EngineOptions, makeParts, type Parts } from "./parts.ts";
import type { LogEntry, QueuePause } from "./ports.ts";
import type {
  Alone,
  BatchRequest,
  CancelGrade,
  ChangeRequest,
  DeviceStopReport,
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
import { interruptedInMotion } from "./restore/caution.ts";
import { restore } from "./restore/restore.ts";
import { waitsForOwner } from "./triggers/dependencies.ts";

export class TaskManager implements Tasks {
  readonly #options: EngineOptions;
  readonly #parts: Parts;
  #closing: Promise<void> | null = null;
  #isDraining = false;
  /** Nothing ends any more. */
  #isClosed = false;

  private constructor(options: EngineOptions) {
    this.#options = options;
    this.#parts = makeParts(options, {
      isClosing: () => this.isClosing,
      refuseWhileClosing: () => this.#refuseWhileClosing(),
    });
  }

  /** Takes up what was stored; nothing starts before `begin`. */
  static async open(options: EngineOptions): Promise<TaskManager> {
    const manager = new TaskManager(options);
    const stored = await options.store.read();
    const { tasks, changed, lastOrder } = restore(
      stored.tasks,
      options.types,
      options.clock.now(),
      options.crashedIn ?? null,
    );
    if (changed.length > 0) await options.store.insist(changed);
    manager.#parts.order.last = lastOrder;
    await manager.#parts.pauses.restore(stored.queuePause, manager.#interruptedInMotion(stored.tasks));
    // Whoever stopped the machine has not yet said that it may move again.
    if (stored.queuePause?.because === "stopped") await manager.#parts.machine.stop();
    manager.#parts.board.load(tasks);
    for (const entry of manager.#parts.board.live) {
      if (entry.stored.record.status === "pending") manager.#parts.enqueue(entry);
    }
    for (const entry of manager.#parts.board.ended) manager.#parts.statistics.take(entry.stored.record);
    return manager;
  }

  #interruptedInMotion(stored: readonly StoredTask[]): string[] {
    const { types, limits } = this.#options;
    if (!limits().pauseAfterInterruptedHardware) return [];
    return interruptedInMotion(stored, types, (name) => this.#parts.machine.moves(name));
  }

  /** From here on tasks start. */
  begin(): void {
    this.#parts.scheduler.setPause(this.#parts.pauses.current);
  }

  submit(request: SubmitRequest, idempotency?: Idempotency, alone?: Alone): Promise<TaskRecord> {
    if (this.#takesNothing) return Promise.reject(new RuntimeError("SHUTTING_DOWN"));
    return this.#parts.intake.submit(request, idempotency, alone);
  }

  async submitBatch(batch: BatchRequest, idempotency?: Idempotency): Promise<SubmittedBatch> {
    this.#refuseWhileClosing();
    return this.#parts.intake.submitBatch(batch, idempotency);
  }

  /** Throws what a submit of this would be refused with at once, whatever the machine does. */
  check(request: SubmitRequest): void {
    this.#parts.intake.check(request);
  }

  /** The task that was submitted with this Idempotency-Key, or null. */
  idOfKey(key: string): string | null {
    return this.#parts.board.byIdempotencyKey(key)[0]?.id ?? null;
  }

  /** As the disk has it; null where it is not kept (any more). */
  recordOf(id: string): TaskRecord | null {
    return this.#parts.board.get(id)?.stored.record ?? null;
  }

  /** Who asked with the submit to be told; empty for most tasks. */
  webhooksOf(id: string): readonly WebhookRequest[] {
    return this.#parts.board.get(id)?.stored.memo.wishes?.webhooks ?? [];
  }

  /** What ended or was interrupted at that time or later. */
  endedSince(time: string): readonly TaskRecord[] {
    return [...this.records()].filter(
      ({ status, updated_at }) => updated_at >= time && (hasEnded(status) || status === "interrupted"),
    );
  }

  /** Of every task that is kept, oldest first. */
  *records(): Generator<TaskRecord> {
    for (const { stored } of this.#parts.board.all) yield stored.record;
  }

  /** How many tasks are kept, by status. */
  get counts(): Readonly<Record<Status, number>> {
    return this.#parts.board.counts;
  }

  /** As in `stats`. */
  get queueLength(): number {
    return this.#parts.scheduler.waiting;
  }

  /** How many tasks are under way in each lane. */
  activeByLane(): Record<LaneName, number> {
    const counts = Object.fromEntries(lanes.map((lane) => [lane, 0])) as Record<LaneName, number>;
    for (const { stored } of this.#parts.board.live)
      if (isActive(stored.record.status)) counts[stored.record.lane]++;
    return counts;
  }

  /** Null where it is not kept (any more). */
  statusOf(id: string): Status | null {
    return this.#parts.board.get(id)?.stored.record.status ?? null;
  }

  get(id: string): TaskView {
    return this.#parts.views.of(this.#parts.views.entry(id));
  }

  list(filter?: ListFilter, page?: Page): TaskPage {
    return this.#parts.views.list(filter, page);
  }

  history(filter?: ListFilter, page?: Page): TaskPage {
    return this.#parts.views.history(filter, page);
  }

  live(): TaskView[] {
    return this.#parts.views.live();
  }

  async waitFor(id: string, { timeoutSeconds }: { timeoutSeconds?: number } = {}): Promise<TaskView> {
    const entry = this.#parts.views.entry(id);
    const { status } = entry.stored.record;
    if (hasEnded(status) || status === "interrupted" || this.#isClosed) return this.#parts.views.of(entry);
    const waiter = deferred();
    entry.waiters.add(waiter);
    const timer =
      timeoutSeconds === undefined
        ? null
        : this.#options.clock.after(timeoutSeconds * 1000, () => waiter.resolve());
    await waiter.promise;
    timer?.cancel();
    entry.waiters.delete(waiter);
    return this.#parts.views.of(entry);
  }

  cancel(id: string, grade: CancelGrade = "cancel"): Promise<TaskView> {
    return this.#then(id, (entry) =>
      grade === "cancel" ? this.#parts.control.cancel(entry) : this.#parts.control.stopAfterStep(entry),
    );
  }

  group(name: string): GroupView {
    return this.#parts.groups.view(name);
  }

  cancelGroup(name: string): Promise<GroupView> {
    return this.#parts.groups.cancel(name);
  }

  pause(id: string): Promise<TaskView> {
    return this.#then(id, (entry) => this.#parts.control.pause(entry));
  }

  resume(id: string): Promise<TaskView> {
    return this.#then(id, (entry) => this.#parts.control.resume(entry));
  }

  restart(id: string): Promise<TaskView> {
    return this.#then(id, (entry) => this.#parts.control.restart(entry));
  }

  answer(id: string, answer: unknown): Promise<TaskView> {
    return this.#then(id, (entry) => this.#parts.questions.answer(entry, answer));
  }

  change(id: string, change: ChangeRequest): Promise<TaskView> {
    return this.#then(id, (entry) => this.#parts.control.change(entry, change));
  }

  async remove(id: string): Promise<void> {
    await this.#parts.control.remove(this.#parts.views.entry(id));
  }

  async cleanup(options: { maxAgeSeconds?: number; status?: readonly Status[] }): Promise<number> {
    const { maxAgeSeconds = 0, status } = options;
    const latest = this.#options.clock.now() - maxAgeSeconds * 1000;
    const old = [...this.#parts.board.ended].filter(
      ({ stored: { record } }) =>
        Date.parse(record.completed_at ?? record.updated_at) <= latest &&
        (status === undefined || status.includes(record.status)),
    );
    return this.#parts.changes.forgetUnchanged(old);
  }

  updateProgress(id: string, update: ProgressUpdate): void {
    this.#parts.control.reportFor(this.#parts.views.entry(id), update);
  }

  stats(): TaskStats {
    return this.#parts.views.stats();
  }

  queue(): QueueView {
    return this.#parts.views.queue(this.#parts.pauses.current);
  }

  /** Which running tasks are in trouble. */
  attention(): Attention {
    return this.#parts.runner.attention();
  }

  get isClosing(): boolean {
    return this.#closing !== null;
  }

  get queuePause(): QueuePause | null {
    return this.#parts.pauses.current;
  }

  pauseQueue(): Promise<void> {
    return this.#parts.pauses.pause();
  }

  resumeQueue(): Promise<void> {
    return this.#parts.pauses.resume();
  }

  async stop(): Promise<StopReport> {
    const report = await stopEverything({ ...this.#parts, clock: this.#options.clock });
    this.#options.log.warn({ ...report }, "everything was stopped in an emergency");
    return report;
  }

  async stopDevice(name: string): Promise<DeviceStopReport> {
    const report = await stopDevice(name, { ...this.#parts, clock: this.#options.clock });
    this.#options.log.info({ ...report }, "a device was stopped");
    return report;
  }

  /**
   * Tasks that claim one of these names wait until `work` has ended.
   * @throws DEVICE_CLAIMED while a task has one of them, and what `work` throws
   */
  async withoutTasksOn<T>(names: readonly string[], work: () => Promise<T>): Promise<T> {
    const { claimants } = this.#parts.scheduler;
    for (const device of names) {
      const [holder] = claimants.holdersOf(device);
      if (holder !== undefined) throw deviceClaimed(device, holder);
    }
    const release = claimants.hold(names);
    try {
      return await work();
    } finally {
      release();
    }
  }

  async logs(id: string): Promise<readonly LogEntry[]> {
    return this.#parts.logs.of(this.#parts.views.entry(id));
  }

  /** Types came, changed or went: those who wait for them are lined up anew, at their turn. */
  typesChanged(names: ReadonlySet<string>): void {
    for (const ticket of this.#parts.scheduler.inOrder())
      if (names.has(ticket.task)) this.#parts.scheduler.lineUpAnew(ticket);
    this.#parts.scheduler.tick();
  }

  /** Somebody may start now. */
  limitsChanged(): void {
    this.#parts.runner.limitsChanged();
    this.#parts.scheduler.limitsChanged();
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
      const live = [...this.#parts.board.live].filter(({ stored: { record } }) => {
        const waits =
          record.depends_on.length > 0 && waitsForOwner(record, (id) => this.#parts.board.recordOf(id));
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
    this.#parts.delays.close();
    this.#parts.scheduler.close();
    await this.#parts.runner.close();
    await this.#parts.logs.close();
    this.#parts.retention.close();
    this.#isClosed = true;
    for (const entry of this.#parts.board.live) entry.wakeWaiters();
    try {
      if (this.#options.limits().clearHistoryOnShutdown) await this.cleanup({});
      else await this.#parts.retention.apply();
    } catch (error) {
      this.#options.log.warn({ err: error }, "old tasks could not be forgotten");
    }
  }

  async #then(id: string, verb: (entry: Entry) => Promise<void>): Promise<TaskView> {
    const entry = this.#parts.views.entry(id);
    await verb(entry);
    return this.#parts.views.of(entry);
  }

  get #takesNothing(): boolean {
    return this.isClosing || this.#isDraining;
  }

  #refuseWhileClosing(): void {
    if (this.#takesNothing) throw new RuntimeError("SHUTTING_DOWN");
  }
}
