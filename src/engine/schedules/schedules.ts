// The verbs of schedules, and their firing when they are due. What falls due is decided in rules.ts.
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { EventInput } from "../../events/catalogue.ts";
import { type Clock, isoTime } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { newId } from "../../lib/new-id.ts";
import { cursorOf } from "../board/listing.ts";
import { SortedList } from "../board/sorted-list.ts";
import type { Page } from "../requests.ts";
import { Alarm } from "./alarm.ts";
import { Calendar } from "./calendar.ts";
import { checked, type ScheduleChange, type ScheduleRequest } from "./check.ts";
import { Entry } from "./entry.ts";
import { fireByHand, fireDue, type ScheduledTasks } from "./firing.ts";
import { newHistory, type Schedule, type ScheduleStore } from "./record.ts";
import { afterClockChange, from, isAheadOf, wakingTimeOf } from "./rules.ts";

export interface SchedulesOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: ScheduleStore;
  readonly tasks: ScheduledTasks;
  readonly publish: (event: EventInput) => void;
}

export interface SchedulePage {
  readonly schedules: readonly Schedule[];
  /** Where the next page begins, or null. */
  readonly next: string | null;
}

export interface ScheduleFigures {
  /** Tasks submitted. */
  readonly fired: number;
  /** Times that brought no task. */
  readonly missed: number;
  /** Refusals that were told. */
  readonly failed: number;
}

export class Schedules {
  readonly #options: SchedulesOptions;
  readonly #entries = new Map<string, Entry>();
  /** The oldest first. */
  readonly #all = new SortedList<Entry, Pick<Entry, "created">>((a, b) => a.created - b.created);
  readonly #calendar = new Calendar();
  readonly #alarm: Alarm<Entry>;
  readonly #underWay = new Set<Promise<void>>();
  readonly #figures = { fired: 0, missed: 0, failed: 0 };
  #created = 0;
  #isClosed = false;

  private constructor(options: SchedulesOptions) {
    this.#options = {
      ...options,
      publish: (event) => {
        this.#count(event);
        options.publish(event);
      },
    };
    this.#alarm = new Alarm<Entry>({
      ...options,
      wakingTimeOf: ({ schedule, offset }) =>
        wakingTimeOf(schedule, this.#alarm.offset - offset, options.clock.now()),
      wake: (entry) => this.#track(entry.serially(() => this.#fire(entry))),
    });
  }

  /** Takes up what was stored; nothing fires before `begin`. */
  static async open(options: SchedulesOptions): Promise<Schedules> {
    const schedules = new Schedules(options);
    const now = options.clock.now();
    for (const schedule of await options.store.read()) {
      // An interval that was handled in a time to come began under a clock that was put back since.
      const isAnew = schedule.cron === null && isAheadOf(schedule, now);
      schedules.#add(isAnew ? from(schedule, now, schedules.#calendar) : schedule);
    }
    return schedules;
  }

  /** From here on they fire. */
  begin(): void {
    this.#alarm.begin();
  }

  /** Nothing fires any more; what was fired is on the disk when this resolves. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#alarm.close();
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    await this.#options.store.close();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What came of the times that fell due, since the start. */
  get figures(): ScheduleFigures {
    return this.#figures;
  }

  /** @throws INVALID_REQUEST, UNKNOWN_TASK_TYPE, INVALID_PARAMETERS, STORE_UNAVAILABLE, SHUTTING_DOWN */
  async create(request: ScheduleRequest): Promise<Schedule> {
    this.#refuseWhileClosing();
    const { clock, store, tasks } = this.#options;
    const now = clock.now();
    const wishes = checked(request, this.#calendar, now);
    tasks.check(wishes.request);
    const schedule = from({ ...wishes, ...newHistory(now), id: newId() }, now, this.#calendar);
    await store.save(schedule);
    const entry = this.#add(schedule);
    this.#tell(entry, "created");
    return schedule;
  }

  /** @throws UNKNOWN_SCHEDULE */
  get(id: string): Schedule {
    return this.#now(this.#entryOf(id));
  }

  /** The oldest first. @throws INVALID_REQUEST for a cursor that no page has given */
  list(page: Page): SchedulePage {
    const after = cursorOf(page);
    const start = after === null ? 0 : this.#all.countBefore({ created: after + 1 });
    const schedules: Schedule[] = [];
    let last = 0;
    for (const entry of this.#all.from(start)) {
      if (schedules.length === page.limit) return { schedules, next: String(last) };
      schedules.push(this.#now(entry));
      last = entry.created;
    }
    return { schedules, next: null };
  }

  /** What it says from now on; another time begins to count now. @throws as `create` does, UNKNOWN_SCHEDULE */
  change(id: string, change: ScheduleChange): Promise<Schedule> {
    return this.#inTurn(id, async (entry) => {
      const { schedule } = entry;
      const now = this.#options.clock.now();
      const wishes = checked({ ...schedule, ...change }, this.#calendar, now);
      if (change.request) this.#options.tasks.check(change.request);
      const next = { ...schedule, ...wishes, updated_at: isoTime(now) };
      const isAnew = timing.some((key) => schedule[key] !== next[key]);
      await this.#save(entry, isAnew ? from(next, now, this.#calendar) : next);
      this.#tell(entry, "changed");
    });
  }

  /** Nothing falls due until it is resumed; again is no harm. */
  pause(id: string): Promise<Schedule> {
    return this.#setPaused(id, true);
  }

  /** It goes on from now: what would have fallen due meanwhile is not made up for. */
  resume(id: string): Promise<Schedule> {
    return this.#setPaused(id, false);
  }

  /** Its task now, paused or not, whatever else runs. @returns the task's id @throws what a submit throws */
  async run(id: string): Promise<string> {
    let taskId = "";
    await this.#inTurn(id, async (entry) => {
      const { clock, store } = this.#options;
      entry.schedule = await fireByHand(entry.schedule, clock.now(), this.#options);
      taskId = entry.schedule.last_task_id ?? "";
      store.note(entry.schedule);
    });
    return taskId;
  }

  /** Its tasks go on. @throws UNKNOWN_SCHEDULE, STORE_UNAVAILABLE */
  async remove(id: string): Promise<void> {
    await this.#inTurn(id, async (entry) => {
      await this.#options.store.remove(id);
      entry.isGone = true;
      this.#entries.delete(id);
      this.#all.delete(entry);
      this.#tell(entry, "removed");
    });
  }

  #setPaused(id: string, paused: boolean): Promise<Schedule> {
    return this.#inTurn(id, async (entry) => {
      if (entry.schedule.paused === paused) return;
      const now = this.#options.clock.now();
      const next = { ...entry.schedule, paused, updated_at: isoTime(now) };
      await this.#save(entry, from(next, now, this.#calendar));
      this.#tell(entry, paused ? "paused" : "resumed");
    });
  }

  /** At its turn among the changes of this schedule; it sleeps on afterwards. */
  async #inTurn(id: string, work: (entry: Entry) => Promise<void>): Promise<Schedule> {
    const entry = this.#entryOf(id);
    await entry.serially(async () => {
      if (entry.isGone) throw new RuntimeError("UNKNOWN_SCHEDULE", { id });
      this.#refuseWhileClosing();
      this.#alarm.clear(entry);
      this.#write(entry, this.#now(entry));
      try {
        await work(entry);
      } finally {
        if (!entry.isGone) this.#alarm.set(entry);
      }
    });
    return entry.schedule;
  }

  async #save(entry: Entry, next: Schedule): Promise<void> {
    await this.#options.store.save(next);
    this.#write(entry, next);
  }

  #write(entry: Entry, schedule: Schedule): void {
    entry.schedule = schedule;
    entry.offset = this.#alarm.offset;
  }

  #add(schedule: Schedule): Entry {
    const entry = new Entry(schedule, this.#alarm.offset, ++this.#created);
    this.#entries.set(schedule.id, entry);
    this.#all.add(entry);
    this.#alarm.set(entry);
    return entry;
  }

  #entryOf(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new RuntimeError("UNKNOWN_SCHEDULE", { id });
    return entry;
  }

  /** As the clock shows it now: the times of an interval move along when the clock is set. */
  #now({ schedule, offset }: Entry): Schedule {
    if (schedule.cron !== null) return schedule;
    return afterClockChange(schedule, this.#alarm.offset - offset, this.#calendar, this.#options.clock.now());
  }

  #count({ type, count }: EventInput): void {
    if (type === "schedule_fired") this.#figures.fired++;
    if (type === "schedule_missed") this.#figures.missed += Number(count);
    if (type === "schedule_failed") this.#figures.failed++;
  }

  #tell({ schedule }: Entry, change: string): void {
    const { id, next_run_at } = schedule;
    this.#options.publish({ type: "schedule_changed", task_id: null, schedule_id: id, change, next_run_at });
  }

  #refuseWhileClosing(): void {
    if (this.#isClosed) throw new RuntimeError("SHUTTING_DOWN");
  }

  async #fire(entry: Entry): Promise<void> {
    if (entry.isGone || this.#isClosed) return;
    let soonest = 0;
    try {
      const { clock, store } = this.#options;
      const now = clock.now();
      const jumped = this.#alarm.offset - entry.offset;
      const current = afterClockChange(entry.schedule, jumped, this.#calendar, now);
      this.#write(entry, current);
      const { schedule, again } = await fireDue(current, this.#calendar, now, this.#options);
      entry.schedule = schedule;
      if (again) soonest = entry.retryAt(now);
      else entry.taken();
      store.note(schedule);
    } finally {
      this.#alarm.set(entry, soonest);
    }
  }

  #track(work: Promise<void>): void {
    const done = work
      .catch((error: unknown) => this.#options.log.error({ err: error }, "a schedule could not be looked at"))
      .finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }
}

const timing = ["cron", "every_seconds", "time_zone", "paused"] as const;
