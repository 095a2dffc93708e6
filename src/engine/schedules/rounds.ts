// The rounds of the alarm: each schedule sleeps until it is due, and is fired at its turn among its changes. Its times
// follow the clock when that is set.
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { UnderWay } from "../../lib/under-way.ts";
import { Alarm } from "./alarm.ts";
import type { Calendar } from "./calendar.ts";
import type { Entry } from "./entry.ts";
import { type FiringDeps, fireDue } from "./firing.ts";
import type { Schedule, ScheduleStore } from "./record.ts";
import { afterClockChange, wakingTimeOf } from "./rules.ts";

export interface RoundsDeps extends FiringDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: ScheduleStore;
  readonly calendar: Calendar;
}

export class Rounds {
  readonly #deps: RoundsDeps;
  readonly #alarm: Alarm<Entry>;
  readonly #underWay: UnderWay;
  #isClosed = false;

  constructor(deps: RoundsDeps) {
    this.#deps = deps;
    this.#underWay = new UnderWay((error) =>
      deps.log.error({ err: error }, "a schedule could not be looked at"),
    );
    this.#alarm = new Alarm<Entry>({
      ...deps,
      wakingTimeOf: ({ schedule, offset }) => wakingTimeOf(schedule, this.offset - offset, deps.clock.now()),
      wake: (entry) => this.#underWay.track(entry.serially(() => this.#fire(entry))),
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** By how much the clock is ahead of the time that passes. */
  get offset(): number {
    return this.#alarm.offset;
  }

  /** From here on they fire. */
  begin(): void {
    this.#alarm.begin();
  }

  /** Nothing fires any more; resolves when what was being fired is handed to the disk. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#alarm.close();
    await this.#underWay.done();
  }

  /** From here on it sleeps until it is due. */
  add(entry: Entry): void {
    this.#alarm.set(entry);
  }

  /** At its turn, and not due meanwhile; it sleeps on afterwards, unless it is gone. */
  async whileAwake(entry: Entry, work: () => Promise<void>): Promise<void> {
    this.#alarm.clear(entry);
    this.write(entry, this.now(entry));
    try {
      await work();
    } finally {
      if (!entry.isGone) this.#alarm.set(entry);
    }
  }

  /** As the clock shows it now: the times of an interval move along when the clock is set. */
  now({ schedule, offset }: Entry): Schedule {
    if (schedule.cron !== null) return schedule;
    const { calendar, clock } = this.#deps;
    return afterClockChange(schedule, this.offset - offset, calendar, clock.now());
  }

  /** Its times are those of the clock as it is now. */
  write(entry: Entry, schedule: Schedule): void {
    entry.schedule = schedule;
    entry.offset = this.offset;
  }

  async #fire(entry: Entry): Promise<void> {
    if (entry.isGone || this.#isClosed) return;
    let soonest = 0;
    try {
      const { clock, store, calendar } = this.#deps;
      const now = clock.now();
      const current = afterClockChange(entry.schedule, this.offset - entry.offset, calendar, now);
      this.write(entry, current);
      const { schedule, again } = await fireDue(current, calendar, now, this.#deps);
      entry.schedule = schedule;
      if (again) soonest = entry.retryAt(now);
      else entry.taken();
      store.note(schedule);
    } finally {
      this.#alarm.set(entry, soonest);
    }
  }
}
