// All tasks in memory and the indices over them. The one place that takes a new record as the latest.
import type { Clock } from "../lib/clock.ts";
import { hasEnded, type Status, statuses } from "../task/lifecycle.ts";
import type { StoredTask } from "../task/record.ts";
import { Entry } from "./entry.ts";
import { SortedList } from "./sorted-list.ts";

type Created = Pick<Entry, "created">;
type Finished = Pick<Entry, "finished">;
const byCreation = (a: Created, b: Created): number => a.created - b.created;
const byEnd = (a: Finished, b: Finished): number => a.finished - b.finished;

export class Board {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #keys = new Map<string, Entry>();
  /** Live and ended, oldest first. */
  readonly all = new SortedList<Entry, Created>(byCreation);
  /** Those that have not ended, oldest first. */
  readonly live = new SortedList<Entry, Created>(byCreation);
  /** Those that have ended, first ended first. */
  readonly ended = new SortedList<Entry, Finished>(byEnd);
  readonly counts = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>;
  #created = 0;
  #finished = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  /** False for one that was forgotten meanwhile. */
  has(entry: Entry): boolean {
    return this.#entries.get(entry.id) === entry;
  }

  byIdempotencyKey(key: string): Entry | undefined {
    return this.#keys.get(key);
  }

  /** What was stored, in the order of creation; the ended ones are filed in the order of their ends. */
  load(tasks: readonly StoredTask[]): void {
    const end = (entry: Entry): string => entry.stored.record.completed_at ?? "";
    const entries = tasks.map((task) => this.#enter(task));
    for (const entry of entries.sort((a, b) =>
      end(a) < end(b) ? -1 : end(a) > end(b) ? 1 : byCreation(a, b),
    ))
      this.#file(entry);
  }

  add(stored: StoredTask): Entry {
    const entry = this.#enter(stored);
    this.#file(entry);
    return entry;
  }

  /** Takes what has become durable as the latest. */
  publish(entry: Entry, stored: StoredTask): void {
    const before = entry.stored.record.status;
    const after = stored.record.status;
    entry.stored = stored;
    if (before === after) return;
    this.counts[before]--;
    this.counts[after]++;
    if (hasEnded(before) === hasEnded(after)) return;
    if (hasEnded(before)) this.ended.delete(entry);
    else this.live.delete(entry);
    this.#file(entry);
  }

  remove(entry: Entry): void {
    const { record, memo } = entry.stored;
    this.#entries.delete(entry.id);
    if (memo.idempotency) this.#keys.delete(memo.idempotency.key);
    this.all.delete(entry);
    (hasEnded(record.status) ? this.ended : this.live).delete(entry);
    this.counts[record.status]--;
  }

  #enter(stored: StoredTask): Entry {
    const entry = new Entry(stored, ++this.#created, this.#clock.now());
    this.#entries.set(entry.id, entry);
    if (stored.memo.idempotency) this.#keys.set(stored.memo.idempotency.key, entry);
    this.all.add(entry);
    this.counts[stored.record.status]++;
    return entry;
  }

  #file(entry: Entry): void {
    if (hasEnded(entry.stored.record.status)) {
      entry.finished = ++this.#finished;
      this.ended.add(entry);
    } else {
      entry.finished = 0;
      this.live.add(entry);
    }
  }
}
