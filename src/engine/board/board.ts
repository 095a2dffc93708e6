// All tasks in memory and the indices over them. The one place that takes a new record as the latest.
import type { Clock } from "../../lib/clock.ts";
import { hasEnded } from "../../task/lifecycle.ts";
import type { StoredTask, TaskRecord } from "../../task/record.ts";
import { Dependants } from "../triggers/dependants.ts";
import { Entry } from "./entry.ts";
import { byCreation, Shelf } from "./shelf.ts";

const noEntries: readonly Entry[] = [];

export class Board {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  /** One for a task, more for a batch. */
  readonly #keys = new Map<string, Entry[]>();
  readonly #shelf = new Shelf();
  readonly #groups = new Map<string, Shelf>();
  readonly all = this.#shelf.all;
  readonly live = this.#shelf.live;
  readonly ended = this.#shelf.ended;
  readonly counts = this.#shelf.counts;
  readonly dependants = new Dependants();
  #created = 0;
  #finished = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(id: string): Entry | undefined {
    return this.#entries.get(id);
  }

  recordOf(id: string): TaskRecord | undefined {
    return this.#entries.get(id)?.stored.record;
  }

  /** False for one that was forgotten meanwhile. */
  has(entry: Entry): boolean {
    return this.#entries.get(entry.id) === entry;
  }

  /** What was submitted with it and is still there: a task, or the tasks of a batch. */
  byIdempotencyKey(key: string): readonly Entry[] {
    return this.#keys.get(key) ?? noEntries;
  }

  /** Its tasks, as long as one of them is kept. */
  group(name: string): Shelf | undefined {
    return this.#groups.get(name);
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
    const group = this.#groupOf(entry);
    this.#shelf.recount(before, after);
    group?.recount(before, after);
    if (hasEnded(before) === hasEnded(after)) return;
    this.#shelf.unfile(entry, before);
    group?.unfile(entry, before);
    this.#file(entry);
  }

  remove(entry: Entry): void {
    const { record, memo } = entry.stored;
    this.#entries.delete(entry.id);
    if (memo.idempotency) this.#forgetKey(memo.idempotency.key, entry);
    if (record.depends_on.length > 0) this.dependants.delete(entry);
    this.#shelf.leave(entry);
    if (record.group === null) return;
    const group = this.#groupOf(entry);
    group?.leave(entry);
    if (group?.all.size === 0) this.#groups.delete(record.group);
  }

  #enter(stored: StoredTask): Entry {
    const { record, memo } = stored;
    const entry = new Entry(stored, ++this.#created, this.#clock.now());
    this.#entries.set(entry.id, entry);
    if (memo.idempotency) this.#keep(memo.idempotency.key, entry);
    this.#shelf.enter(entry);
    if (record.group !== null) this.#joinGroup(record.group, entry);
    return entry;
  }

  #file(entry: Entry): void {
    const ended = hasEnded(entry.stored.record.status);
    entry.finished = ended ? ++this.#finished : 0;
    this.#shelf.file(entry);
    this.#groupOf(entry)?.file(entry);
    if (entry.stored.record.depends_on.length === 0) return;
    if (ended) this.dependants.delete(entry);
    else this.dependants.add(entry);
  }

  #joinGroup(name: string, entry: Entry): void {
    const group = this.#groups.get(name) ?? new Shelf();
    group.enter(entry);
    this.#groups.set(name, group);
  }

  #groupOf({ stored: { record } }: Entry): Shelf | undefined {
    return record.group === null ? undefined : this.#groups.get(record.group);
  }

  #keep(key: string, entry: Entry): void {
    const others = this.#keys.get(key);
    if (others) others.push(entry);
    else this.#keys.set(key, [entry]);
  }

  #forgetKey(key: string, entry: Entry): void {
    const others = this.byIdempotencyKey(key).filter((other) => other !== entry);
    if (others.length > 0) this.#keys.set(key, others);
    else this.#keys.delete(key);
  }
}
