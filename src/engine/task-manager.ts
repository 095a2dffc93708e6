// The verbs of the engine. Each is done by one of the parts beside this file.
import { RuntimeError } from "../errors/runtime-error.ts";
import { isSettled, type Status } from "../task/lifecycle.ts";
import type { LaneName } from "../task/policy.ts";
import type { ProgressUpdate } from "../task/progress.ts";
import type { TaskRecord, TaskView, WebhookRequest } from "../task/record.ts";
import type { Attention } from "./attempt/attention.ts";
import type { Entry } from "./board/entry.ts";
import { stopDevice, stopEverything } from "./machine/stop.ts";
import type { EngineOptions } from "./options.ts";
import { makeParts, type Parts } from "./parts.ts";
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
import { boot } from "./restore/boot.ts";

export class TaskManager implements Tasks {
  readonly #options: EngineOptions;
  readonly #parts: Parts;

  private constructor(options: EngineOptions) {
    this.#options = options;
    this.#parts = makeParts(options);
  }

  /** Takes up what was stored; nothing starts before `begin`. */
  static async open(options: EngineOptions): Promise<TaskManager> {
    const manager = new TaskManager(options);
    await boot({ ...options, ...manager.#parts });
    return manager;
  }

  /** From here on tasks start. */
  begin(): void {
    this.#parts.scheduler.setPause(this.#parts.pauses.current);
  }

  submit(request: SubmitRequest, idempotency?: Idempotency, alone?: Alone): Promise<TaskRecord> {
    if (this.#parts.shutdown.takesNothing) return Promise.reject(new RuntimeError("SHUTTING_DOWN"));
    return this.#parts.intake.submit(request, idempotency, alone);
  }

  async submitBatch(batch: BatchRequest, idempotency?: Idempotency): Promise<SubmittedBatch> {
    this.#parts.shutdown.refuseNewWork();
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
    return [...this.records()].filter(({ status, updated_at }) => updated_at >= time && isSettled(status));
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
    return this.#parts.views.activeByLane();
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
    await this.#parts.waiters.untilEnded(entry, timeoutSeconds);
    return this.#parts.views.of(entry);
  }

  cancel(id: string, grade: CancelGrade = "cancel"): Promise<TaskView> {
    const { cancellation } = this.#parts.control;
    return this.#then(id, (entry) =>
      grade === "cancel" ? cancellation.cancel(entry) : cancellation.stopAfterStep(entry),
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

  cleanup(options: { maxAgeSeconds?: number; status?: readonly Status[] }): Promise<number> {
    return this.#parts.retention.cleanup(options);
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
    return this.#parts.shutdown.isClosing;
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
    const release = this.#parts.scheduler.claimants.hold(names);
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
    this.#parts.scheduler.typesChanged(names);
  }

  /** Somebody may start now. */
  limitsChanged(): void {
    this.#parts.runner.limitsChanged();
    this.#parts.scheduler.limitsChanged();
  }

  /** Takes nothing new; resolves when everything that was accepted has ended or waits for its owner. */
  drained(options?: DrainOptions): Promise<void> {
    return this.#parts.shutdown.drained(options);
  }

  /** Running tasks are told, get their grace, and are stored as interrupted; then retention is applied. */
  close(): Promise<void> {
    return this.#parts.shutdown.close();
  }

  async #then(id: string, verb: (entry: Entry) => Promise<void>): Promise<TaskView> {
    const entry = this.#parts.views.entry(id);
    await verb(entry);
    return this.#parts.views.of(entry);
  }
}
