// Tasks in the three orders in which they are listed, and how many of each status there are: all of them, or a group's.
import { hasEnded, type Status, statuses } from "../../task/lifecycle.ts";
import type { Entry } from "./entry.ts";
import { SortedList } from "./sorted-list.ts";

type Created = Pick<Entry, "created">;
type Finished = Pick<Entry, "finished">;
export const byCreation = (a: Created, b: Created): number => a.created - b.created;
const byEnd = (a: Finished, b: Finished): number => a.finished - b.finished;

export class Shelf {
  /** Live and ended, oldest first. */
  readonly all = new SortedList<Entry, Created>(byCreation);
  /** Those that have not ended, oldest first. */
  readonly live = new SortedList<Entry, Created>(byCreation);
  /** Those that have ended, first ended first. */
  readonly ended = new SortedList<Entry, Finished>(byEnd);
  readonly counts = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>;

  /** It stands among all; `file` puts it among the live or the ended. */
  enter(entry: Entry): void {
    this.all.add(entry);
    this.counts[entry.stored.record.status]++;
  }

  leave(entry: Entry): void {
    const { status } = entry.stored.record;
    this.all.delete(entry);
    this.unfile(entry, status);
    this.counts[status]--;
  }

  file(entry: Entry): void {
    if (hasEnded(entry.stored.record.status)) this.ended.add(entry);
    else this.live.add(entry);
  }

  /** @param status by which it was filed */
  unfile(entry: Entry, status: Status): void {
    if (hasEnded(status)) this.ended.delete(entry);
    else this.live.delete(entry);
  }

  recount(before: Status, after: Status): void {
    this.counts[before]--;
    this.counts[after]++;
  }
}
