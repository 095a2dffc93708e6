// What is remembered of each task type: how often, how well, how long. Bounded: the latest durations only.
import type { TaskRecord } from "../../task/record.ts";
import type { DurationStats, TaskStats } from "../requests.ts";

const keptDurations = 1000;
/** The latest say more about the next than all of them. */
const durationsForEta = 25;

class TypeStatistics {
  /** The middle of the completed durations, made anew when one was added. */
  #expected: number | null = null;
  readonly #completedDurations: number[] = [];
  count = 0;
  completed = 0;
  failed = 0;
  readonly durations: number[] = [];
  readonly waits: number[] = [];

  take(record: TaskRecord): void {
    const at = this.count++ % keptDurations;
    if (record.status === "completed") this.completed++;
    if (record.status === "failed") this.failed++;
    if (record.started_at === null || record.completed_at === null) return;
    const started = Date.parse(record.started_at);
    const duration = (Date.parse(record.completed_at) - started) / 1000;
    if (record.status === "completed") this.#expect(duration);
    this.durations[Math.min(at, this.durations.length)] = duration;
    // It waited for its first attempt; what lies between that and the last is no waiting.
    const first = record.attempts[0];
    const isOnly = first === undefined || first.started_at === record.started_at;
    const begun = !isOnly && first.number === 1 ? Date.parse(first.started_at) : started;
    this.waits[Math.min(at, this.waits.length)] = (begun - Date.parse(record.created_at)) / 1000;
  }

  get expectedSeconds(): number | null {
    if (this.#completedDurations.length === 0) return null;
    this.#expected ??= median(this.#completedDurations);
    return this.#expected;
  }

  #expect(seconds: number): void {
    this.#completedDurations.push(seconds);
    if (this.#completedDurations.length > durationsForEta) this.#completedDurations.shift();
    this.#expected = null;
  }
}

export class Statistics {
  readonly #types = new Map<string, TypeStatistics>();

  /** Once for every task that has ended. */
  take(record: TaskRecord): void {
    let type = this.#types.get(record.task);
    if (!type) {
      type = new TypeStatistics();
      this.#types.set(record.task, type);
    }
    type.take(record);
  }

  /** How long a task of this type takes, by those that completed lately, in seconds; null before the first. */
  expectedSeconds(task: string): number | null {
    return this.#types.get(task)?.expectedSeconds ?? null;
  }

  byType(): TaskStats["tasks"] {
    return Object.fromEntries(
      [...this.#types].map(([name, type]) => [
        name,
        {
          count: type.count,
          success_rate:
            type.completed + type.failed === 0 ? null : type.completed / (type.completed + type.failed),
          duration_seconds: describe(type.durations),
          wait_seconds: describe(type.waits),
        },
      ]),
    );
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] as number;
}

function describe(values: readonly number[]): DurationStats {
  if (values.length === 0) return { mean: null, p50: null, p95: null };
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] as number;
  return { mean: sorted.reduce((a, b) => a + b, 0) / sorted.length, p50: at(0.5), p95: at(0.95) };
}
