// The schedules there are, by id and the oldest first.
import { RuntimeError } from "../../errors/runtime-error.ts";
import { cursorOf } from "../board/listing.ts";
import { SortedList } from "../board/sorted-list.ts";
import type { Page } from "../requests.ts";
import { Entry } from "./entry.ts";
import type { Schedule } from "./record.ts";

export interface SchedulePage {
  readonly schedules: readonly Schedule[];
  /** Where the next page begins, or null. */
  readonly next: string | null;
}

export class Entries {
  readonly #byId = new Map<string, Entry>();
  /** The oldest first. */
  readonly #all = new SortedList<Entry, Pick<Entry, "created">>((a, b) => a.created - b.created);
  #created = 0;

  get size(): number {
    return this.#byId.size;
  }

  /** @param offset of the clock by which its times were written down */
  add(schedule: Schedule, offset: number): Entry {
    const entry = new Entry(schedule, offset, ++this.#created);
    this.#byId.set(schedule.id, entry);
    this.#all.add(entry);
    return entry;
  }

  /** @throws UNKNOWN_SCHEDULE */
  get(id: string): Entry {
    const entry = this.#byId.get(id);
    if (!entry) throw new RuntimeError("UNKNOWN_SCHEDULE", { id });
    return entry;
  }

  delete(entry: Entry): void {
    entry.isGone = true;
    this.#byId.delete(entry.schedule.id);
    this.#all.delete(entry);
  }

  /** @throws INVALID_REQUEST for a cursor that no page has given */
  page(page: Page, show: (entry: Entry) => Schedule): SchedulePage {
    const after = cursorOf(page);
    const start = after === null ? 0 : this.#all.countBefore({ created: after + 1 });
    const schedules: Schedule[] = [];
    let last = 0;
    for (const entry of this.#all.from(start)) {
      if (schedules.length === page.limit) return { schedules, next: String(last) };
      schedules.push(show(entry));
      last = entry.created;
    }
    return { schedules, next: null };
  }
}
