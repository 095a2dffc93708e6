// An engine that chance plays with. What may happen, and what must hold whatever happens, comes from parts: one file
// for each idea of the engine.
import type { TaskType } from "../../../src/engine/ports.ts";
import type { SubmitRequest } from "../../../src/engine/requests.ts";
import { settled } from "../../fake-clock.ts";
import { below, randomOf } from "../../random.ts";
import { ordinaryTypes, type Run, Types, World } from "../world.ts";

const capacities: Readonly<Record<string, number>> = { gpu: 2 };
export const limits = { maxConcurrentTasks: 3, blockingWorkers: 2, capacities };

/** @returns a promise where it takes time */
export type Step = (model: Model) => Promise<void> | undefined;

export interface Part {
  /** What may be submitted besides the world's own. */
  readonly types?: readonly TaskType[];
  /** Chance picks one of all parts' steps; one that stands here twice comes twice as often. */
  readonly steps?: readonly Step[];
  /** What a submit asks for besides. */
  wishes?(model: Model): Partial<SubmitRequest>;
  /** After every step. */
  check?(model: Model): void;
  /** The power was cut and is back: `model.world` is a new one. */
  rebooted?(model: Model): void;
  /** At the end everything is to end: whatever keeps tasks waiting is let go. */
  letGo?(model: Model): Promise<void>;
}

export class Model {
  world: World;
  readonly parts: readonly Part[];
  readonly roll: (sides: number) => number;
  readonly ids: string[] = [];
  /** A task and an attempt under way, picked anew for each step. */
  id: string | undefined;
  run: Run | undefined;
  /** When the disk refused the last time, on the clock that only grows. */
  refusedAt = Number.NEGATIVE_INFINITY;
  readonly #steps: readonly Step[];

  constructor(world: World, parts: readonly Part[], roll: (sides: number) => number) {
    this.world = world;
    this.parts = parts;
    this.roll = roll;
    this.#steps = parts.flatMap(({ steps = [] }) => steps);
  }

  pick<T>(from: readonly T[]): T | undefined {
    return from[this.roll(from.length)];
  }

  async step(): Promise<void> {
    this.id = this.pick(this.ids);
    this.run = this.pick(this.underWay());
    await this.pick(this.#steps)?.(this);
  }

  check(): void {
    for (const part of this.parts) part.check?.(this);
  }

  wishes(): Partial<SubmitRequest> {
    return Object.assign({}, ...this.parts.map((part) => part.wishes?.(this)));
  }

  /** Sometimes two at once: races are where engines break. */
  async ask(verb: () => Promise<unknown>): Promise<void> {
    const answer = verb().catch((error: { code?: string }) => {
      if (error.code === undefined) throw error;
    });
    if (this.roll(3) > 0) {
      if (this.world.store.refuses) await this.world.clock.advance(2_000);
      await answer;
    }
    await settled();
  }

  async recoverDisk(): Promise<void> {
    if (this.world.store.refuses) this.refusedAt = this.world.clock.monotonic();
    this.world.store.recover();
    await settled();
  }

  cutThePower(): Promise<void> {
    return this.reboot(null);
  }

  /** @param crashedIn the boot of the machine where the process died by itself, null where the power went */
  async reboot(crashedIn: string | null): Promise<void> {
    await this.recoverDisk();
    this.world = await this.world.reboot(crashedIn);
    for (const part of this.parts) part.rebooted?.(this);
  }

  underWay(): Run[] {
    return this.world.runs.filter((run) => !run.over);
  }

  /** A start the disk refused is tried again a quarter of a second later; until then nothing starts. */
  isHeldOff(): boolean {
    const { store, clock } = this.world;
    if (store.refuses) this.refusedAt = clock.monotonic();
    return clock.monotonic() <= this.refusedAt + 250;
  }

  async finishEverything(): Promise<void> {
    await this.recoverDisk();
    for (const part of this.parts) await part.letGo?.(this);
    for (let round = 0; round < 10_000; round++) {
      await this.world.clock.advance(300);
      for (const { id, status } of this.world.manager.live())
        if (status === "paused" || status === "pausing") await this.world.manager.resume(id);
      const run = this.underWay()[0];
      if (run) await run.finish();
      else if (this.world.manager.live().every(({ status }) => status === "interrupted")) return;
      this.check();
    }
    const left = this.world.manager.live().filter(({ status }) => status !== "interrupted");
    throw new Error(
      `some tasks never end: ${JSON.stringify(left.map(({ task, status, blocked_by }) => [task, status, blocked_by]))}`,
    );
  }
}

/** The same seed and the same parts are the same game. */
export async function play(seed: number, parts: readonly Part[], steps: number): Promise<void> {
  const random = randomOf(seed);
  const types = new Types([...ordinaryTypes(), ...parts.flatMap(({ types = [] }) => types)]);
  const model = new Model(await World.open({ limits, types }), parts, (sides) => below(random, sides));
  for (let step = 0; step < steps; step++) {
    await model.step();
    model.check();
  }
  await model.finishEverything();
}
