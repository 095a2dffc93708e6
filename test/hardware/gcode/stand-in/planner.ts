// The motors behind a stand-in: blocks travelled one after the other with acceleration, held, resumed and dropped.
import { braking, type Motion, trapezoid } from "../../../../src/hardware/trapezoid.ts";
import type { Clock, Timer } from "../../../../src/lib/clock.ts";

export interface Axis {
  readonly stepsPerUnit: number;
  /** Per second, per second squared. */
  readonly topSpeed: number;
  readonly acceleration: number;
}

export interface Block {
  readonly to: readonly number[];
  /** Along the way, per second. */
  readonly speed: number;
  readonly isJog: boolean;
}

interface Run {
  readonly block: Block;
  readonly from: readonly number[];
  readonly unit: readonly number[];
  readonly startedAt: number;
  readonly motion: Motion;
  readonly acceleration: number;
}

const capacity = 15;

export class Planner {
  readonly axes: readonly Axis[];
  readonly #clock: Clock;
  readonly #changed: () => void;
  #queue: Block[] = [];
  #run: Run | null = null;
  #held: Block | null = null;
  #isBraking = false;
  #resting: readonly number[];
  #timer: Timer | null = null;

  /** @param changed a block has ended, or it stands still */
  constructor(axes: readonly Axis[], clock: Clock, changed: () => void) {
    this.axes = axes;
    this.#clock = clock;
    this.#changed = changed;
    this.#resting = axes.map(() => 0);
  }

  get isFull(): boolean {
    return this.#queue.length >= capacity;
  }

  get isMoving(): boolean {
    return this.#run !== null;
  }

  /** Nothing moves, and nothing would go on. */
  get isEmpty(): boolean {
    return this.#run === null && this.#held === null && this.#queue.length === 0;
  }

  get isJog(): boolean {
    return this.#run?.block.isJog ?? false;
  }

  /** Where the last block ends. */
  get planned(): readonly number[] {
    return this.#queue.at(-1)?.to ?? this.#held?.to ?? this.#run?.block.to ?? this.#resting;
  }

  /** In whole steps. */
  get steps(): number[] {
    const at = this.#now();
    return this.axes.map(({ stepsPerUnit }, axis) => Math.round((at[axis] ?? 0) * stepsPerUnit));
  }

  get position(): number[] {
    return this.steps.map((steps, axis) => steps / (this.axes[axis]?.stepsPerUnit ?? 1));
  }

  add(block: Block): void {
    this.#queue.push(block);
    if (!this.#run && !this.#held) this.#next(this.#clock.monotonic());
  }

  /** Brakes as hard as it may; `changed` tells when it stands still. */
  hold(): void {
    if (!this.#run || this.#isBraking) return;
    const { motion, startedAt, acceleration, unit, block } = this.#run;
    const speed = motion.speedAt((this.#clock.monotonic() - startedAt) / 1000);
    this.#isBraking = true;
    this.#begin({ block, from: this.#now(), unit, acceleration, motion: braking(speed, acceleration) });
  }

  resume(): void {
    const held = this.#held;
    this.#held = null;
    if (held) this.#queue.unshift(held);
    if (!this.#run) this.#next(this.#clock.monotonic());
  }

  /** What is planned is forgotten; what moves goes on to its end. */
  drop(): void {
    this.#queue = [];
    this.#held = null;
  }

  /** Without a way to brake. */
  kill(): void {
    this.#resting = this.#now();
    this.#timer?.cancel();
    this.#run = null;
    this.#isBraking = false;
    this.drop();
  }

  /** It is told where it stands. */
  setPosition(position: readonly number[]): void {
    this.#resting = position;
  }

  #now(): readonly number[] {
    if (!this.#run) return this.#resting;
    const { from, unit, motion, startedAt } = this.#run;
    const distance = motion.distanceAt((this.#clock.monotonic() - startedAt) / 1000);
    return from.map((start, axis) => start + distance * (unit[axis] ?? 0));
  }

  /** @param at when the one before it ended, exactly */
  #next(at: number): void {
    const block = this.#queue.shift();
    if (!block) return;
    const from = this.#resting;
    const way = block.to.map((to, axis) => to - (from[axis] ?? 0));
    const length = Math.hypot(...way);
    const unit = way.map((part) => (length > 0 ? part / length : 0));
    const along = (limit: (axis: Axis) => number): number =>
      Math.min(...this.axes.map((axis, index) => limit(axis) / Math.abs(unit[index] ?? 0)));
    const speed = Math.min(
      block.speed,
      along(({ topSpeed }) => topSpeed),
    );
    const acceleration = Math.min(
      along(({ acceleration }) => acceleration),
      1e12,
    );
    this.#begin({ block, from, unit, acceleration, motion: trapezoid(length, speed, acceleration) }, at);
  }

  #begin(run: Omit<Run, "startedAt">, at = this.#clock.monotonic()): void {
    this.#timer?.cancel();
    this.#run = { ...run, startedAt: at };
    const left = at + run.motion.seconds * 1000 - this.#clock.monotonic();
    this.#timer = this.#clock.after(left, () => this.#ended());
  }

  #ended(): void {
    for (;;) {
      const run = this.#run;
      if (!run) return;
      const endsAt = run.startedAt + run.motion.seconds * 1000;
      const left = endsAt - this.#clock.monotonic();
      if (left > 0) {
        this.#timer = this.#clock.after(left, () => this.#ended());
        return;
      }
      this.#resting = this.#isBraking ? this.#now() : run.block.to;
      this.#run = null;
      if (this.#isBraking) this.#held = run.block;
      this.#isBraking = false;
      if (!this.#held) this.#next(endsAt);
      this.#changed();
    }
  }
}
