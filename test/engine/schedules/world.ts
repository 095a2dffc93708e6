// Schedules over a real engine, with a clock that stands still and a disk that may refuse or lose what it was told last.

import type { ScheduleRequest } from "../../../src/engine/schedules/check.ts";
import type { Schedule, ScheduleStore } from "../../../src/engine/schedules/record.ts";
import { Schedules } from "../../../src/engine/schedules/schedules.ts";
import { RuntimeError } from "../../../src/errors/runtime-error.ts";
import { FakeClock, settled } from "../../fake-clock.ts";
import { quiet } from "../../quiet.ts";
import { World } from "../world.ts";

export class MemoryScheduleStore implements ScheduleStore {
  readonly schedules = new Map<string, Schedule>();
  refuses = false;
  /** What is noted does not reach the disk before the power goes. */
  losesNotes = false;

  async read(): Promise<readonly Schedule[]> {
    return structuredClone([...this.schedules.values()]);
  }

  async save(schedule: Schedule): Promise<void> {
    if (this.refuses) throw new RuntimeError("STORE_UNAVAILABLE", { problem: "no space left" });
    this.schedules.set(schedule.id, structuredClone(schedule));
  }

  async remove(id: string): Promise<void> {
    if (this.refuses) throw new RuntimeError("STORE_UNAVAILABLE", { problem: "no space left" });
    this.schedules.delete(id);
  }

  note(schedule: Schedule): void {
    if (!this.losesNotes) this.schedules.set(schedule.id, structuredClone(schedule));
  }

  async close(): Promise<void> {
    await settled();
  }
}

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

export class ScheduleWorld {
  readonly engine: World;
  readonly store: MemoryScheduleStore;
  schedules!: Schedules;

  private constructor(engine: World, store: MemoryScheduleStore) {
    this.engine = engine;
    this.store = store;
  }

  /** @param start as in 2026-01-01T00:00:00Z, where the clock stands */
  static async open(start = "2026-01-01T00:00:00Z"): Promise<ScheduleWorld> {
    const engine = await World.open({ clock: new FakeClock(Date.parse(start)) });
    return new ScheduleWorld(engine, new MemoryScheduleStore()).#begin();
  }

  get clock(): FakeClock {
    return this.engine.clock;
  }

  async #begin(): Promise<ScheduleWorld> {
    const { clock, manager, events } = this.engine;
    this.schedules = await Schedules.open({
      clock,
      log: quiet,
      store: this.store,
      tasks: manager,
      publish: (event) => events.push(event),
    });
    this.schedules.begin();
    await this.clock.advance(0);
    return this;
  }

  /** The power goes, `off` milliseconds pass, and it comes back: the same disks, everything else anew. */
  async reboot(off = 0): Promise<ScheduleWorld> {
    this.clock.forgetTimers();
    this.clock.set(this.clock.now() + off);
    return new ScheduleWorld(await this.engine.reboot(), this.store).#begin();
  }

  create(request: Partial<ScheduleRequest> & { task?: string; parameters?: Record<string, unknown> }) {
    const { task = "plain_task", parameters, ...rest } = request;
    return this.schedules.create({ request: { task, ...(parameters && { parameters }) }, ...rest });
  }

  /** Lets time pass, finishing each task as soon as it runs. */
  async pass(ms: number, step = minute): Promise<void> {
    for (let passed = 0; passed < ms; passed += step) {
      await this.clock.advance(Math.min(step, ms - passed));
      await this.finishAll();
    }
  }

  async finishAll(): Promise<void> {
    for (;;) {
      const running = this.engine.running();
      if (running.length === 0) return;
      for (const id of running) await this.engine.run(id).finish();
    }
  }

  /** For which times its tasks were submitted, the oldest first. */
  firedFor(id: string): string[] {
    return this.tasksOf(id).map(({ metadata }) => String(metadata?.due_at));
  }

  tasksOf(id: string) {
    return this.engine.manager.list().tasks.filter(({ metadata }) => metadata?.schedule_id === id);
  }

  events(type: string) {
    return this.engine.events.filter((event) => event.type === type);
  }
}
