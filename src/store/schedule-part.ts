// One document with some of the schedules, and what is to be written into it: all that waits with one write.
import { z } from "zod";
import { catchUps, overlaps, type Schedule } from "../engine/schedules/record.ts";
import { type Deferred, deferred } from "../lib/deferred.ts";
import { type Document, openDocument } from "./document.ts";
import type { Quarantine } from "./quarantine.ts";

export class SchedulePart {
  readonly #document: Document<{ schedules: readonly Schedule[] }>;
  #noted = new Map<string, Schedule>();
  #asked: { id: string; schedule: Schedule | null; done: Deferred<void> }[] = [];

  private constructor(document: Document<{ schedules: readonly Schedule[] }>) {
    this.#document = document;
  }

  /** @throws STORE_UNAVAILABLE when what is there cannot be read */
  static async open(file: string, quarantine: Quarantine): Promise<SchedulePart> {
    return new SchedulePart(await openDocument(file, documentSchema, { schedules: [] }, quarantine));
  }

  get schedules(): readonly Schedule[] {
    return this.#document.data.schedules;
  }

  get isNoted(): boolean {
    return this.#noted.size > 0;
  }

  note(schedule: Schedule): void {
    this.#noted.set(schedule.id, schedule);
  }

  /** @param schedule null forgets it */
  ask(id: string, schedule: Schedule | null): Promise<void> {
    const done = deferred();
    this.#asked.push({ id, schedule, done });
    return done.promise;
  }

  /** @throws STORE_UNAVAILABLE, after everybody who asked was told; what was noted is kept for another time */
  async write(): Promise<void> {
    const asked = this.#asked.splice(0);
    const noted = this.#noted;
    if (asked.length === 0 && noted.size === 0) return;
    this.#noted = new Map();
    try {
      await this.#document.update(({ schedules }) => {
        const all = new Map(schedules.map((schedule) => [schedule.id, schedule]));
        for (const [id, schedule] of noted) all.set(id, schedule);
        for (const { id, schedule } of asked)
          if (schedule) all.set(id, schedule);
          else all.delete(id);
        return { schedules: [...all.values()] };
      });
      for (const { done } of asked) done.resolve();
    } catch (error) {
      this.#noted = new Map([...noted, ...this.#noted]);
      for (const { done } of asked) done.reject(error);
      throw error;
    }
  }
}

const time = z.iso.datetime();

/** What later versions add has its default here, so that what is on the disk can still be read. */
const scheduleSchema = z.object({
  id: z.uuid(),
  request: z.looseObject({ task: z.string() }),
  cron: z.string().nullable(),
  every_seconds: z.number().nullable(),
  time_zone: z.string(),
  overlap: z.enum(overlaps),
  catch_up: z.enum(catchUps),
  paused: z.boolean(),
  handled_until: time,
  next_run_at: time.nullable(),
  slot: z.int(),
  fired: z.int(),
  missed: z.int(),
  last_run_at: time.nullable(),
  last_due_at: time.nullable(),
  last_task_id: z.string().nullable(),
  last_error: z
    .object({
      code: z.string(),
      message: z.string(),
      details: z.record(z.string(), z.unknown()),
      remediation: z.string(),
      due_at: time,
    })
    .nullable(),
  open_tasks: z.array(z.string()),
  created_at: time,
  updated_at: time,
});

const documentSchema: z.ZodType<{ schedules: readonly Schedule[] }> = z.object({
  schedules: z.array(scheduleSchema),
});
