// The figures of one runtime in the text format of Prometheus. Loaded when they are first asked for: until then nobody
// counts; what ended since the start is then read from the tasks themselves.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Histogram, Registry } from "prom-client";
import type { NumberedEvent } from "../events/catalogue.ts";
import type { TaskRecord } from "../task/record.ts";
import type { Measured } from "./measured.ts";
import { loopResolutionMs, watch } from "./metrics-watched.ts";

/** Names that come from outside are counted one by one up to here, the others together. */
const mostTypes = 200;
const mostCodes = 100;

const seconds = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400];

export class Metrics {
  readonly #registry = new Registry();
  readonly #measured: Measured;
  readonly #loop = monitorEventLoopDelay({ resolution: loopResolutionMs });
  readonly #unsubscribe: () => void;
  readonly #types = new Names(mostTypes, "other");
  readonly #codes = new Names(mostCodes, "OTHER");
  readonly #ended: Counter<"task" | "status">;
  readonly #attempts: Counter<"task">;
  readonly #retries: Counter<"task">;
  readonly #failures: Counter<"code">;
  readonly #durations: Histogram<"task">;
  readonly #waits: Histogram<"task">;

  constructor(measured: Measured) {
    this.#measured = measured;
    const registers = [this.#registry];
    const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> =>
      new Counter({ name: `armature_${name}`, help, labelNames: [...labelNames], registers });
    this.#ended = counter("tasks_ended_total", "Tasks that have ended, by type and how.", ["task", "status"]);
    this.#attempts = counter("task_attempts_total", "Attempts that were begun, by type.", ["task"]);
    this.#retries = counter("task_retries_total", "Failed attempts that another followed, by type.", [
      "task",
    ]);
    this.#failures = counter("task_failures_total", "Tasks that have failed, by the code of their failure.", [
      "code",
    ]);
    const histogram = (name: string, help: string): Histogram<"task"> =>
      new Histogram({ name: `armature_${name}`, help, labelNames: ["task"], buckets: seconds, registers });
    this.#durations = histogram(
      "task_duration_seconds",
      "From the start of the latest attempt of a task to its end.",
    );
    this.#waits = histogram(
      "task_wait_seconds",
      "From the submit of a task to the start of its latest attempt.",
    );
    watch(this.#registry, measured, this.#loop);
    this.#loop.enable();
    this.#takeWhatWas();
    this.#unsubscribe = measured.subscribe((event) => this.#hear(event));
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Everything, as it is now. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  close(): void {
    this.#unsubscribe();
    this.#loop.disable();
  }

  /** What happened between the start and the first look. */
  #takeWhatWas(): void {
    const { tasks, startedAt } = this.#measured;
    const isNew = (time: string | null): boolean => time !== null && Date.parse(time) >= startedAt;
    for (const record of tasks.records()) {
      const attempts = record.attempts.filter(({ started_at }) => isNew(started_at));
      const task = this.#types.of(record.task);
      this.#attempts.inc({ task }, attempts.length);
      const last = record.attempts.at(-1);
      const failed = attempts.filter((attempt) => attempt !== last && attempt.outcome === "failed");
      this.#retries.inc({ task }, failed.length);
      if (isNew(record.completed_at)) this.#takeEnded(record);
    }
  }

  #hear({ type, task_id }: NumberedEvent): void {
    switch (type) {
      case "task_started":
        this.#attempts.inc({ task: this.#typeOf(task_id) });
        break;
      case "task_retrying":
        this.#retries.inc({ task: this.#typeOf(task_id) });
        break;
      case "task_completed":
      case "task_failed":
      case "task_cancelled": {
        const record = task_id === null ? null : this.#measured.tasks.recordOf(task_id);
        if (record) this.#takeEnded(record);
      }
    }
  }

  #typeOf(id: string | null): string {
    return this.#types.of((id === null ? null : this.#measured.tasks.recordOf(id)?.task) ?? "other");
  }

  #takeEnded({ task: name, status, failure, created_at, started_at, completed_at }: TaskRecord): void {
    const task = this.#types.of(name);
    this.#ended.inc({ task, status });
    if (status === "failed") this.#failures.inc({ code: this.#codes.of(failure?.code ?? "OTHER") });
    if (started_at === null || completed_at === null) return;
    this.#durations.observe({ task }, Math.max(0, secondsBetween(started_at, completed_at)));
    this.#waits.observe({ task }, Math.max(0, secondsBetween(created_at, started_at)));
  }
}

/** Files and tasks may bring any number of names; each would be a series for ever. */
class Names {
  readonly #known = new Set<string>();
  readonly #most: number;
  readonly #rest: string;

  constructor(most: number, rest: string) {
    this.#most = most;
    this.#rest = rest;
  }

  of(name: string): string {
    if (this.#known.has(name)) return name;
    if (this.#known.size >= this.#most) return this.#rest;
    this.#known.add(name);
    return name;
  }
}

const secondsBetween = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;
