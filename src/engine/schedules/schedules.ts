// The verbs of schedules. What falls due is decided in rules.ts, and fired in rounds.ts.
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { EventInput } from "../../events/catalogue.ts";
import { type Clock, isoTime } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { newId } from "../../lib/new-id.ts";
import type { Page } from "../requests.ts";
import { Calendar } from "./calendar.ts";
import { checked, type ScheduleChange, type ScheduleRequest } from "./check.ts";
import { Entries, type SchedulePage } from "./entries.ts";
import type { Entry } from "./entry.ts";
import { Figures, type ScheduleFigures } from "./figures.ts";
import { fireByHand, type ScheduledTasks } from "./firing.ts";
import { newHistory, type Schedule, type ScheduleStore } from "./record.ts";
import { Rounds } from "./rounds.ts";
import { from, isAheadOf } from "./rules.ts";

export interface SchedulesOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: ScheduleStore;
  readonly tasks: ScheduledTasks;
  readonly publish: (event: EventInput) => void;
}

export class Schedules {
  readonly #options: SchedulesOptions;
  readonly #entries = new Entries();
  readonly #calendar = new Calendar();
  readonly #figures = new Figures();
  readonly #rounds: Rounds;

  private constructor(options: SchedulesOptions) {
    this.#options = {
      ...options,
      publish: (event) => {
        this.#figures.count(event);
        options.publish(event);
      },
    };
    this.#rounds = new Rounds({ ...this.#options, calendar: this.#calendar });
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
    this.#rounds.begin();
  }

  /** Nothing fires any more; what was fired is on the disk when this resolves. */
  async close(): Promise<void> {
    await this.#rounds.close();
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
    return this.#rounds.now(this.#entries.get(id));
  }

  /** The oldest first. @throws INVALID_REQUEST for a cursor that no page has given */
  list(page: Page): SchedulePage {
    return this.#entries.page(page, (entry) => this.#rounds.now(entry));
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
      this.#entries.delete(entry);
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
    const entry = this.#entries.get(id);
    await entry.serially(async () => {
      if (entry.isGone) throw new RuntimeError("UNKNOWN_SCHEDULE", { id });
      this.#refuseWhileClosing();
      await this.#rounds.whileAwake(entry, () => work(entry));
    });
    return entry.schedule;
  }

  async #save(entry: Entry, next: Schedule): Promise<void> {
    await this.#options.store.save(next);
    this.#rounds.write(entry, next);
  }

  #add(schedule: Schedule): Entry {
    const entry = this.#entries.add(schedule, this.#rounds.offset);
    this.#rounds.add(entry);
    return entry;
  }

  #tell({ schedule }: Entry, change: string): void {
    const { id, next_run_at } = schedule;
    this.#options.publish({ type: "schedule_changed", task_id: null, schedule_id: id, change, next_run_at });
  }

  #refuseWhileClosing(): void {
    if (this.#rounds.isClosed) throw new RuntimeError("SHUTTING_DOWN");
  }
}

const timing = ["cron", "every_seconds", "time_zone", "paused"] as const;
