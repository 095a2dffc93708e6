// The motor behind a simulated axis, in the axis' own unit. Where it stands is computed from the time, so that stopping
// it has a braking distance.
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { Clock } from "../../../lib/clock.ts";
import { deferred } from "../../../lib/deferred.ts";
import type { AxisUnit, Homeable, Stoppable, WaitOptions } from "../../../task/devices.ts";
import { isWithin, outOfLimits, unitWords } from "../../axis.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { braking, type Motion, standstill, trapezoid, wayBetween, wrap } from "../../trapezoid.ts";
import { type Faultable, FaultPlan, type Faults } from "./faults.ts";

export interface MotorOptions {
  readonly unit: AxisUnit;
  readonly min: number;
  readonly max: number;
  /** One turn is `max`, and the shorter way is taken. */
  readonly isContinuous: boolean;
  readonly home: number;
  readonly start: number;
  /** Units per second. */
  readonly topSpeed: number;
  /** Units per second squared. */
  readonly acceleration: number;
  /** How much longer than planned a move may take. */
  readonly timeoutSeconds: number;
  readonly faults: Faults | undefined;
}

/** One stretch of motion; a brake replaces it by another that begins where it was. */
interface Stretch {
  readonly from: number;
  readonly direction: number;
  readonly startedAt: number;
  readonly motion: Motion;
}

interface Move {
  readonly target: number;
  readonly ended: Promise<unknown>;
  brake(reason: unknown): void;
}

export abstract class SimulatedMotor implements OpenDevice, Homeable, Stoppable, Faultable {
  readonly name: string;
  readonly driver: string;
  readonly capabilities = ["movable", "homeable", "stoppable"] as const;
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #options: MotorOptions;
  readonly #faults: FaultPlan;
  #isStopped = false;
  #isHomed = false;
  #restingAt: number;
  #stretch: Stretch | null = null;
  #move: Move | null = null;

  constructor(options: MotorOptions, context: DriverContext) {
    this.name = context.name;
    this.driver = context.driver;
    this.#options = options;
    this.#clock = context.clock;
    this.#changed = context.changed;
    this.#faults = new FaultPlan(context.name, options.faults);
    this.#faults.open();
    this.#restingAt = options.start;
  }

  /** Where it stands, in its unit. */
  protected get position(): number {
    const { from, direction, distance } = this.#now();
    return this.#normal(from + direction * distance);
  }

  get isMoving(): boolean {
    return this.#move !== null;
  }

  get isHomed(): boolean {
    return this.#isHomed;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  get doing(): string | null {
    return this.#move && `moving to ${this.#move.target} ${unitWords[this.#options.unit]}`;
  }

  setFaults(faults: Faults): void {
    this.#faults.set(faults);
  }

  /** @throws OUT_OF_LIMITS, STOPPED, DEVICE_BUSY, DEVICE_TIMEOUT, DEVICE_FAILED, or the signal's reason */
  protected async goTo(to: number, speed: number | undefined, signal: AbortSignal | undefined) {
    signal?.throwIfAborted();
    const target = this.#accept(to);
    const { slowFactor, hangs } = this.#faults.call();
    const { topSpeed, acceleration, isContinuous, timeoutSeconds } = this.#options;
    const top = Math.min(topSpeed, speed ?? topSpeed);
    const way = wayBetween(this.#restingAt, target, isContinuous);
    const planned = trapezoid(Math.abs(way), top, acceleration);
    const real = hangs
      ? standstill
      : trapezoid(Math.abs(way), top / slowFactor, acceleration / slowFactor ** 2);
    await this.#run(target, Math.sign(way), real, planned.seconds + timeoutSeconds, signal);
  }

  async home(options: WaitOptions = {}): Promise<void> {
    await this.goTo(this.#options.home, undefined, options.signal);
    this.#isHomed = true;
    this.#changed();
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#faults.stop() ?? this.#halt();
  }

  async #halt(): Promise<void> {
    const move = this.#move;
    move?.brake(new RuntimeError("STOPPED", { device: this.name }));
    this.#changed();
    await move?.ended;
  }

  release(): void {
    this.#isStopped = false;
    this.#changed();
  }

  async close(): Promise<void> {
    this.#isStopped = true;
    await this.#halt();
  }

  /** The target as this axis counts it. @throws STOPPED, DEVICE_BUSY, OUT_OF_LIMITS */
  #accept(to: number): number {
    const device = this.name;
    if (this.#isStopped) throw new RuntimeError("STOPPED", { device });
    if (this.#move) throw new RuntimeError("DEVICE_BUSY", { device, doing: this.doing });
    const target = this.#normal(to);
    if (!isWithin(target, this.#options)) throw outOfLimits(device, to, this.#options);
    return target;
  }

  /** Resolves on arrival, rejects with the reason of the brake; either way it stands still. */
  async #run(target: number, direction: number, motion: Motion, mostSeconds: number, signal?: AbortSignal) {
    const clock = this.#clock;
    const still = deferred<{ braked: false } | { braked: true; reason: unknown }>();
    this.#begin(this.#restingAt, direction, motion);
    const arrival = Number.isFinite(motion.seconds)
      ? clock.after(motion.seconds * 1000, () => still.resolve({ braked: false }))
      : null;
    let isBraking = false;
    const brake = (reason: unknown): void => {
      if (isBraking) return;
      isBraking = true;
      arrival?.cancel();
      const { from, distance, speed } = this.#now();
      const stopping = braking(speed, this.#options.acceleration);
      this.#begin(from + direction * distance, direction, stopping);
      clock.after(stopping.seconds * 1000, () => still.resolve({ braked: true, reason }));
    };
    const watchdog = clock.after(mostSeconds * 1000, () =>
      brake(new RuntimeError("DEVICE_TIMEOUT", { device: this.name, timeout_seconds: mostSeconds })),
    );
    const giveUp = (): void => brake(signal?.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    this.#move = { target, ended: still.promise, brake };
    this.#changed();
    const end = await still.promise;
    watchdog.cancel();
    signal?.removeEventListener("abort", giveUp);
    this.#restingAt = end.braked ? this.position : target;
    this.#stretch = null;
    this.#move = null;
    this.#changed();
    if (end.braked) throw end.reason;
  }

  #begin(from: number, direction: number, motion: Motion): void {
    this.#stretch = { from, direction, startedAt: this.#clock.monotonic(), motion };
  }

  #now(): { from: number; direction: number; distance: number; speed: number } {
    if (!this.#stretch) return { from: this.#restingAt, direction: 0, distance: 0, speed: 0 };
    const { from, direction, startedAt, motion } = this.#stretch;
    const seconds = (this.#clock.monotonic() - startedAt) / 1000;
    return { from, direction, distance: motion.distanceAt(seconds), speed: motion.speedAt(seconds) };
  }

  #normal(position: number): number {
    return this.#options.isContinuous ? wrap(position) : position;
  }
}
