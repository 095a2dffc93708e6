// An engine with everything at hand: a clock that stands still, a disk that may refuse, work that ends when told.

import type { Machine } from "../../src/engine/machine/port.ts";
import type {
  Ending,
  Lane,
  LaneRun,
  Limits,
  LogEntry,
  LogFiles,
  QueuePause,
  StoredState,
  TaskStore,
  TaskType,
  TaskTypes,
  Work,
  WorkEvents,
} from "../../src/engine/ports.ts";
import { TaskManager } from "../../src/engine/task-manager.ts";
import { RuntimeError, toFailure } from "../../src/errors/runtime-error.ts";
import type { EventInput } from "../../src/events/catalogue.ts";
import { deferred } from "../../src/lib/deferred.ts";
import { type Claims, defaultPolicy, type Policy } from "../../src/task/policy.ts";
import type { StoredTask } from "../../src/task/record.ts";
import { Cancelled, type CancelReason, type Steering } from "../../src/task/steering.ts";
import { FakeClock, settled } from "../fake-clock.ts";
import { quiet } from "../quiet.ts";

export function taskType(name: string, policy: Partial<Policy> = {}, hash = "hash-1"): TaskType {
  const lane = policy.isBlocking ? "blocking" : "async";
  return {
    name,
    category: "test",
    description: null,
    policy: { ...defaultPolicy, lane, ...policy },
    source: { file: `${name}.ts`, hash },
    parametersSchema: null,
    resultSchema: null,
    validate: (parameters) =>
      "bad" in parameters
        ? { ok: false, issues: [{ path: "parameters.bad", message: "is not allowed" }] }
        : { ok: true, parameters: { ...parameters } },
    claimsOf: async ({ uses }) => {
      if (typeof uses === "string") throw new Error(uses);
      return (uses ?? {}) as Claims;
    },
    isTrusted: true,
    create: () => {
      throw new Error("the scripted lane runs no code");
    },
    module: { url: `file:///${name}.ts`, exportName: "default" },
  };
}

/** One for each way of running. */
export const ordinaryTypes = (): TaskType[] => [
  taskType("plain_task"),
  taskType("other_task"),
  taskType("exclusive_task", { isExclusive: true }),
  taskType("blocking_task", { isBlocking: true }),
  taskType("exclusive_blocking_task", { isBlocking: true, isExclusive: true }),
];

export class Types implements TaskTypes {
  readonly #types = new Map<string, TaskType>();

  constructor(types: readonly TaskType[]) {
    for (const type of types) this.set(type);
  }

  set(type: TaskType): void {
    this.#types.set(type.name, type);
  }

  delete(name: string): void {
    this.#types.delete(name);
  }

  get(name: string): TaskType | undefined {
    return this.#types.get(name);
  }

  names(): string[] {
    return [...this.#types.keys()];
  }

  whyMissing(): string | null {
    return null;
  }
}

/** Keeps what it is given, refuses when told to, and remembers every write. */
export class MemoryStore implements TaskStore {
  readonly tasks = new Map<string, StoredTask>();
  readonly writes: StoredTask[] = [];
  queuePause: QueuePause | null = null;
  refuses = false;
  /** Writes wait here while it is set. */
  gate: Promise<void> | null = null;
  #insisting: { tasks: readonly StoredTask[]; done: () => void }[] = [];

  async read(): Promise<StoredState> {
    return { tasks: structuredClone([...this.tasks.values()]), queuePause: this.queuePause };
  }

  async save(tasks: readonly StoredTask[]): Promise<void> {
    await this.#disk();
    this.#keep(tasks);
  }

  async insist(tasks: readonly StoredTask[]): Promise<void> {
    await this.gate;
    if (!this.refuses && this.#insisting.length === 0) return this.#keep(tasks);
    const { promise, resolve } = deferred();
    this.#insisting.push({ tasks, done: resolve });
    return promise;
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#disk();
    for (const id of ids) this.tasks.delete(id);
  }

  async setQueuePause(pause: QueuePause | null): Promise<void> {
    await this.#disk();
    this.queuePause = pause;
  }

  async insistOnQueuePause(pause: QueuePause | null): Promise<void> {
    await this.insist([]);
    this.queuePause = pause;
  }

  /** The same disk for the next process: whatever the old one still does does not reach it. */
  afterBoot(): MemoryStore {
    const next = new MemoryStore();
    for (const [id, task] of this.tasks) next.tasks.set(id, task);
    next.queuePause = this.queuePause;
    next.refuses = this.refuses;
    return next;
  }

  recover(): void {
    this.refuses = false;
    for (const { tasks, done } of this.#insisting.splice(0)) {
      this.#keep(tasks);
      done();
    }
  }

  async #disk(): Promise<void> {
    await this.gate;
    if (this.refuses) throw new RuntimeError("STORE_UNAVAILABLE", { problem: "no space left" });
  }

  #keep(tasks: readonly StoredTask[]): void {
    for (const task of tasks) {
      const copy = structuredClone(task);
      this.tasks.set(copy.record.id, copy);
      this.writes.push(copy);
    }
  }
}

/** Keeps the logs of tasks as files would. */
export class MemoryLogs implements LogFiles {
  readonly files = new Map<string, readonly LogEntry[]>();
  writes = 0;
  refuses = false;

  async keep(taskId: string, lines: readonly LogEntry[]): Promise<boolean> {
    if (this.refuses) return false;
    this.writes++;
    this.files.set(taskId, lines);
    return true;
  }

  async read(taskId: string): Promise<readonly LogEntry[]> {
    return this.files.get(taskId) ?? [];
  }
}

/** One attempt as the scripted lane runs it: it ends, pauses and reports when the test says so. */
export class Run {
  readonly work: Work;
  readonly events: WorkEvents;
  readonly told: string[] = [];
  readonly #ended = deferred<Ending>();
  readonly #begun = deferred();
  reason: CancelReason | null = null;
  pauseRequest = 0;
  over = false;
  /** Native code that does not return: to be ended does not end it. */
  holdsOn = false;

  constructor(work: Work, events: WorkEvents) {
    this.work = work;
    this.events = events;
  }

  get ended(): Promise<Ending> {
    return this.#ended.promise;
  }

  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  end(ending: Ending): void {
    this.over = true;
    this.#ended.resolve(ending);
  }

  /** A worker has taken it. */
  begin(): Promise<void> {
    this.#begun.resolve();
    return settled();
  }

  /** It was told to stop before that. */
  withdraw(): Promise<void> {
    this.end({ how: "withdrawn" });
    return settled();
  }

  finish(result: unknown = "done"): Promise<void> {
    this.end({ how: "returned", result, sawCancel: false });
    return settled();
  }

  /** It saw its cancel and returned. */
  giveIn(result: unknown = null): Promise<void> {
    this.end({ how: "returned", result, sawCancel: true });
    return settled();
  }

  fail(message = "it broke", steering?: Steering): Promise<void> {
    return this.failWith(new RuntimeError("TASK_FAILED", { message, source: "test" }), steering);
  }

  failWith(error: RuntimeError, steering?: Steering): Promise<void> {
    this.end({ how: "threw", failure: toFailure(error), cancelled: false, ...(steering && { steering }) });
    return settled();
  }

  /** It let the cancel through. */
  stop(): Promise<void> {
    const failure = toFailure(new RuntimeError("TASK_FAILED", { message: new Cancelled("user").message }));
    this.end({ how: "threw", failure, cancelled: true });
    return settled();
  }

  reachCheckpoint(): Promise<void> {
    this.events.paused(this.pauseRequest);
    return settled();
  }
}

export class ScriptedLane implements Lane {
  readonly runs: Run[] = [];
  refuses = false;
  /** Somebody has to begin with what it is given: `Run.begin`. */
  waits = false;
  readonly #canKill: boolean;

  constructor(canKill: boolean) {
    this.#canKill = canKill;
  }

  start(work: Work, events: WorkEvents): LaneRun {
    if (this.refuses) throw new Error("no thread left");
    const run = new Run(work, events);
    this.runs.push(run);
    return {
      ended: run.ended,
      ...(this.waits && { begun: run.begun }),
      cancel: (reason) => {
        run.reason = reason;
        run.told.push(`cancel ${reason}`);
      },
      pause: (request) => {
        run.pauseRequest = request;
        run.told.push("pause");
      },
      resume: () => run.told.push("resume"),
      kill: this.#canKill
        ? () => {
            run.told.push("kill");
            if (!run.holdsOn) run.end({ how: "killed" });
          }
        : null,
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.runs.map(({ ended }) => ended));
  }
}

export const defaultLimits: Limits = {
  maxConcurrentTasks: 3,
  blockingWorkers: 2,
  capacities: {},
  defaultTimeoutSeconds: null,
  cancelGraceSeconds: 5,
  stallSeconds: 300,
  maxFinishedTasks: 10_000,
  maxFinishedAgeHours: 720,
  clearHistoryOnShutdown: false,
  singleTaskMode: false,
  refusesClaimedDevices: false,
  pauseAfterInterruptedHardware: true,
};

export class World {
  readonly clock: FakeClock;
  readonly store: MemoryStore;
  readonly types: Types;
  readonly events: EventInput[] = [];
  readonly machine: Machine | undefined;
  readonly async = new ScriptedLane(false);
  readonly blocking = new ScriptedLane(true);
  readonly isolated = new ScriptedLane(true);
  readonly fleet = new ScriptedLane(true);
  readonly kept = new Map<string, string>();
  readonly logs: MemoryLogs;
  /** Large results cannot be written. */
  keepRefuses = false;
  readonly crashedIn: string | null;
  /** What the engine takes for chance. */
  chance = (): number => 0;
  limits: Limits;
  manager!: TaskManager;

  constructor(
    options: {
      limits?: Partial<Limits>;
      store?: MemoryStore;
      logs?: MemoryLogs;
      clock?: FakeClock;
      types?: Types;
      machine?: Machine;
      crashedIn?: string | null;
    } = {},
  ) {
    this.crashedIn = options.crashedIn ?? null;
    this.limits = { ...defaultLimits, ...options.limits };
    this.store = options.store ?? new MemoryStore();
    this.logs = options.logs ?? new MemoryLogs();
    this.machine = options.machine;
    this.clock = options.clock ?? new FakeClock();
    this.types = options.types ?? new Types(ordinaryTypes());
  }

  static async open(options: ConstructorParameters<typeof World>[0] = {}): Promise<World> {
    const world = new World(options);
    await world.open();
    world.manager.begin();
    await settled();
    return world;
  }

  async open(): Promise<void> {
    this.manager = await TaskManager.open({
      clock: this.clock,
      log: quiet,
      types: this.types,
      store: this.store,
      results: {
        keep: async (id, json) => {
          if (this.keepRefuses) throw new RuntimeError("STORE_UNAVAILABLE", { problem: "no space left" });
          this.kept.set(id, json);
          return { file: `results/${id}.json`, bytes: Buffer.byteLength(json) };
        },
        read: async (id) => {
          const json = this.kept.get(id);
          if (json === undefined) throw new Error(`there is no results/${id}.json`);
          return JSON.parse(json);
        },
      },
      hashes: { of: async (file) => `hash of ${file}` },
      logs: this.logs,
      lanes: { async: this.async, blocking: this.blocking, isolated: this.isolated, fleet: this.fleet },
      limits: () => this.limits,
      random: () => this.chance(),
      publish: (event) => this.events.push(event),
      crashedIn: this.crashedIn,
      ...(this.machine && { machine: this.machine }),
    });
  }

  /** The process dies by itself, within this boot of the machine, and is started again. */
  crash(machineBoot = "boot-1"): Promise<World> {
    return this.reboot(machineBoot);
  }

  /** The power goes, and comes back: the same disk, everything else anew. */
  async reboot(crashedIn: string | null = null): Promise<World> {
    return World.open({
      crashedIn,
      store: this.store.afterBoot(),
      logs: this.logs,
      clock: this.clock,
      types: this.types,
      limits: this.limits,
      ...(this.machine && { machine: this.machine }),
    });
  }

  async submit(task: string, more: object = {}): Promise<string> {
    const { id } = await this.manager.submit({ task, ...more });
    await settled();
    return id;
  }

  status(id: string): string {
    return this.manager.get(id).status;
  }

  /** Every attempt, lane by lane. */
  get runs(): Run[] {
    return [this.async, this.blocking, this.isolated, this.fleet].flatMap(({ runs }) => runs);
  }

  /** The latest attempt of the task, in whichever lane. */
  run(id: string): Run {
    const run = this.runs.filter(({ work }) => work.taskId === id).at(-1);
    if (!run) throw new Error(`Task ${id} has not run.`);
    return run;
  }

  running(): string[] {
    return this.runs.filter((run) => !run.over).map(({ work }) => work.taskId);
  }

  eventsOf(id: string): string[] {
    return this.events.filter(({ task_id }) => task_id === id).map(({ type }) => type);
  }
}

/** A world whose disk keeps everybody waiting until `go`. */
export function slowDisk(world: World): () => Promise<void> {
  const gate = deferred();
  world.store.gate = gate.promise;
  return async () => {
    world.store.gate = null;
    gate.resolve();
    await settled();
  };
}
