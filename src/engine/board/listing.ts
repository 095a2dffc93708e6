// Lists of tasks: filtered, in order, a page at a time.
import { RuntimeError } from "../../errors/runtime-error.ts";
import { hasEnded } from "../../task/lifecycle.ts";
import type { TaskView } from "../../task/record.ts";
import type { ListFilter, Page, TaskPage } from "../requests.ts";
import type { Entry } from "./entry.ts";

/** Its group says where it is looked for. */
const matches = ({ stored: { record } }: Entry, filter: ListFilter): boolean =>
  (filter.status === undefined || filter.status.length === 0 || filter.status.includes(record.status)) &&
  (filter.task === undefined || record.task === filter.task || record.action === filter.task) &&
  (filter.category === undefined || record.category === filter.category) &&
  (filter.name === undefined || record.name.toLowerCase().includes(filter.name.toLowerCase())) &&
  isWithin(hasEnded(record.status) ? (record.completed_at ?? record.updated_at) : record.created_at, filter);

/** An ended task belongs to the time of its end, one that lives to that of its submit. */
function isWithin(time: string, { from, to }: ListFilter): boolean {
  if (from === undefined && to === undefined) return true;
  const at = Date.parse(time);
  return at >= (from ?? at) && at < (to ?? Number.POSITIVE_INFINITY);
}

/**
 * @param entries in the order of the list, beginning behind the cursor
 * @param mark what a cursor remembers of an entry
 */
export function pageOf(
  entries: Iterable<Entry>,
  filter: ListFilter,
  limit: number,
  view: (entry: Entry) => TaskView,
  mark: (entry: Entry) => number,
): TaskPage {
  const tasks: TaskView[] = [];
  let last: Entry | null = null;
  for (const entry of entries) {
    if (!matches(entry, filter)) continue;
    if (tasks.length === limit) return { tasks, next: last ? String(mark(last)) : null };
    tasks.push(view(entry));
    last = entry;
  }
  return { tasks, next: null };
}

/** @throws INVALID_REQUEST for a cursor that no page has given */
export function cursorOf(page: Page | undefined): number | null {
  if (page?.cursor === undefined) return null;
  if (/^\d{1,15}$/.test(page.cursor)) return Number(page.cursor);
  const errors = [{ path: "cursor", message: "is not a cursor of this server", found: page.cursor }];
  throw new RuntimeError("INVALID_REQUEST", { errors });
}
