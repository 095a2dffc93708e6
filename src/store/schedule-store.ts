// Where schedules live: lowdb documents in data/schedules, each with those whose ids begin with its name. Small enough
// that ten thousand schedules can fire without one large file being written again and again.
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Schedule, ScheduleStore } from "../engine/schedules/record.ts";
import { RuntimeError, sentenceOf } from "../errors/runtime-error.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { Quarantine } from "./quarantine.ts";
import { SchedulePart } from "./schedule-part.ts";

export interface ScheduleFilesOptions {
  /** The data directory, absolute. Schedules lie in `schedules/` below it. */
  readonly directory: string;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
  readonly logger: Logger;
}

const scheduleFolder = "schedules";

const retryMs = 2000;
/** Documents that are written at the same time: the tasks' journal shares the disk and the threads with them. */
const atATime = 2;

export class ScheduleFiles implements ScheduleStore {
  readonly #options: ScheduleFilesOptions;
  readonly #folder: string;
  readonly #parts = new Map<string, Promise<SchedulePart>>();
  /** Those with something to write, in the order in which they were given it. */
  readonly #waiting = new Set<SchedulePart>();
  readonly #writing = new Map<SchedulePart, Promise<void>>();
  /** What the disk refused: tried again after a while. */
  readonly #refused = new Set<SchedulePart>();
  #retry: Timer | null = null;
  #isClosed = false;

  constructor(options: ScheduleFilesOptions) {
    this.#options = options;
    this.#folder = path.join(options.directory, scheduleFolder);
  }

  /** @throws STORE_UNAVAILABLE when what is there cannot be read */
  async read(): Promise<readonly Schedule[]> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw new RuntimeError("STORE_UNAVAILABLE", { problem: sentenceOf(error) }, { cause: error });
    });
    const found = names.flatMap((name) => documentName.exec(name)?.[1] ?? []).sort();
    const parts = await Promise.all(found.map((name) => this.#part(name)));
    return parts.flatMap((part) => part.schedules).sort(byCreation);
  }

  save(schedule: Schedule): Promise<void> {
    return this.#ask(schedule.id, schedule);
  }

  remove(id: string): Promise<void> {
    return this.#ask(id, null);
  }

  note(schedule: Schedule): void {
    this.#part(nameOf(schedule.id)).then(
      (part) => {
        part.note(schedule);
        this.#enter(part);
      },
      (error: unknown) =>
        this.#options.logger.error(
          { err: error, schedule: schedule.id },
          "what a schedule did was not noted",
        ),
    );
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#retry?.cancel();
    await Promise.allSettled(this.#parts.values());
    for (const part of this.#refused) this.#enter(part);
    while (this.#writing.size > 0) await Promise.all(this.#writing.values());
  }

  async #ask(id: string, schedule: Schedule | null): Promise<void> {
    const part = await this.#part(nameOf(id));
    const done = part.ask(id, schedule);
    this.#enter(part);
    await done;
  }

  #part(name: string): Promise<SchedulePart> {
    let part = this.#parts.get(name);
    if (!part) {
      const file = path.join(this.#folder, `${name}.json`);
      part = SchedulePart.open(file, this.#options.quarantine);
      part.catch(() => this.#parts.delete(name));
      this.#parts.set(name, part);
    }
    return part;
  }

  #enter(part: SchedulePart): void {
    this.#refused.delete(part);
    this.#waiting.add(part);
    this.#next();
  }

  #next(): void {
    for (const part of this.#waiting) {
      if (this.#writing.size >= atATime) return;
      if (this.#writing.has(part)) continue;
      this.#waiting.delete(part);
      const work = this.#write(part).finally(() => {
        this.#writing.delete(part);
        this.#next();
      });
      this.#writing.set(part, work);
    }
  }

  async #write(part: SchedulePart): Promise<void> {
    try {
      await part.write();
    } catch (error) {
      if (!part.isNoted) return; // whoever asked was told
      this.#options.logger.warn({ problem: sentenceOf(error) }, "what schedules did is not yet on the disk");
      if (this.#isClosed) return;
      this.#refused.add(part);
      this.#retry ??= this.#options.clock.after(retryMs, () => {
        this.#retry = null;
        for (const refused of this.#refused) this.#enter(refused);
      });
    }
  }
}

const documentName = /^([0-9a-f]{2})\.json$/;
const nameOf = (id: string): string => id.slice(0, 2);

const byCreation = (a: Schedule, b: Schedule): number =>
  a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : a.id < b.id ? -1 : 1;
