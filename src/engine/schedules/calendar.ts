// When cron lines fall due, in the time of a zone. croner calculates; nothing here waits or fires.
import { Cron } from "croner";
import { nearest } from "../../lib/nearest.ts";
import type { FieldIssue } from "../ports.ts";

/** One line takes 80 KB once it is read. */
const keptLines = 32;

export class Calendar {
  readonly #lines = new Map<string, Cron>();

  /** The first time after `after`, ms since 1970; null where there is none. */
  next(line: string, zone: string, after: number): number | null {
    return this.#read(line, zone).nextRun(new Date(after))?.getTime() ?? null;
  }

  /** The latest times up to and with `now`, oldest first, `most` of them at most. */
  latest(line: string, zone: string, now: number, most: number): number[] {
    const before = this.#read(line, zone).previousRuns(most, new Date(now + 1));
    return before.map((time) => time.getTime()).reverse();
  }

  /** What is wrong with a line, and where; null for one that falls due after `now`. */
  problemOf(line: string, zone: string, now: number): string | null {
    try {
      if (parsed(line, zone).getOnce() !== null)
        return "expected a cron line, found one date; to run once, submit a task with not_before";
    } catch (error) {
      return problemIn(line, error);
    }
    return this.next(line, zone, now) === null ? "it never falls due: no such time comes any more" : null;
  }

  #read(line: string, zone: string): Cron {
    const key = `${zone} ${line}`;
    const cron = this.#lines.get(key) ?? parsed(line, zone);
    this.#lines.delete(key);
    this.#lines.set(key, cron);
    if (this.#lines.size > keptLines) {
      for (const oldest of this.#lines.keys()) {
        this.#lines.delete(oldest);
        break;
      }
    }
    return cron;
  }
}

/** A time that is named (no wildcard, no step) falls due once a day, whatever the clocks are put to. */
const parsed = (line: string, timezone: string): Cron =>
  new Cron(line, { timezone, paused: true, fixedTimeRule: "no-wildcard" });

/** @returns what is wrong with the name of a zone, or null */
export function zoneIssue(zone: string): FieldIssue | null {
  try {
    if (/^[A-Za-z]/.test(zone) && new Intl.DateTimeFormat("en", { timeZone: zone })) return null;
  } catch {
    // Nobody knows it: said below.
  }
  const near = nearest(zone, [...Intl.supportedValuesOf("timeZone"), "UTC"], 1);
  const hint = near.length > 0 ? `; did you mean '${near[0]}'?` : "";
  return {
    path: "time_zone",
    message: `expected the name of a time zone such as Europe/Berlin, found '${zone}'${hint}`,
    expected: "an IANA time zone",
    found: zone,
  };
}

const fieldNames = ["second", "minute", "hour", "day of month", "month", "day of week", "year"];
const ranges = [
  "0 to 59",
  "0 to 59",
  "0 to 23",
  "1 to 31",
  "1 to 12 or JAN to DEC",
  "0 to 7 or SUN to SAT",
  "1 to 9999",
];

/** Each field alone among stars tells which one croner cannot read. */
function problemIn(line: string, error: unknown): string {
  const reason = (error instanceof Error ? error.message : String(error)).replace(/^CronPattern: /, "");
  const fields = line.trim().split(/\s+/);
  if (line.trim().startsWith("@")) return reason;
  if (fields.length < 5 || fields.length > 7)
    return `expected five fields (minute, hour, day of month, month, day of week), or six with seconds before them, or seven with a year behind; found ${line.trim() === "" ? 0 : fields.length}`;
  const first = fields.length === 5 ? 1 : 0;
  for (const [index, field] of fields.entries()) {
    const alone = fields.map((_, at) => (at === index ? field : "*")).join(" ");
    if (isReadable(alone)) continue;
    const name = fieldNames[index + first];
    return `field ${index + 1} (${name}): expected ${ranges[index + first]}, *, or a list, range or step of these; found '${field}' (${reason})`;
  }
  return reason;
}

function isReadable(line: string): boolean {
  try {
    parsed(line, "UTC");
    return true;
  } catch {
    return false;
  }
}
