// A simulated axis. Where it stands is computed from the time, so that stopping it has a braking distance.
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { Clock } from "../../../lib/clock.ts";
import { deferred } from "../../../lib/deferred.ts";
import type { Homeable, Movable, Stoppable, WaitOptions } from "../../../task/devices.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { braking, type Motion, standstill, trapezoid, wayBetween, wrap } from "../../trapezoid.ts";
import { type Faultable, FaultPlan, type Faults } from "./faults.ts";
import type { AxisOptions } from "./options.ts";

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

export class SimulatedAxis implements OpenDevice, Movable, Homeable, Stoppable, Faultable {
  readonly name: string;
  readonly driver: string;
  readonly capabilities = ["movable", "homeable", "stoppable"] as const;
  readonly limits;
  readonly travel;
  readonly homeDegrees: number;
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #timeoutSeconds: number;
  readonly #faults: FaultPlan;
  #isStopped = false;
  #isHomed = false;
  #restingAt: number;
  #stretch: Stretch | null = null;
  #move: Move | null = null;

  constructor(options: AxisOptions, context: DriverContext) {
    this.name = context.name;
    this.driver = context.driver;
    this.#clock = context.clock;
    this.#changed = context.changed;
    this.#timeoutSeconds = options.timeout_seconds;
    this.#faults = new FaultPlan(context.name, options.faults);
    this.#faults.open();
    this.homeDegrees = options.home_degrees;
    this.#restingAt = options.start_degrees ?? options.home_degrees;
    this.limits = options.is_continuous
      ? { minDegrees: 0, maxDegrees: 360 }
      : { minDegrees: options.min_degrees, maxDegrees: options.max_degrees };
    this.travel = {
      topSpeedDegreesPerS: options.top_speed_degrees_per_s,
      accelerationDegreesPerS2: options.acceleration_degrees_per_s2,
      isContinuous: options.is_continuous,
    };
  }

  get angleDegrees(): number {
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
    return this.#move && `moving to ${this.#move.target} degrees`;
  }

  setFaults(faults: Faults): void {
    this.#faults.set(faults);
  }

  async moveTo(
    angleDegrees: number,
    options: WaitOptions & { speedDegreesPerS?: number } = {},
  ): Promise<void> {
    options.signal?.throwIfAborted();
    const target = this.#accept(angleDegrees);
    const { slowFactor, hangs } = this.#faults.call();
    const { topSpeedDegreesPerS: top, accelerationDegreesPerS2: acceleration } = this.travel;
    const speed = Math.min(top, options.speedDegreesPerS ?? top);
    const way = wayBetween(this.#restingAt, target, this.travel.isContinuous);
    const planned = trapezoid(Math.abs(way), speed, acceleration);
    const real = hangs
      ? standstill
      : trapezoid(Math.abs(way), speed / slowFactor, acceleration / slowFactor ** 2);
    await this.#run(target, Math.sign(way), real, planned.seconds + this.#timeoutSeconds, options.signal);
  }

  async home(options: WaitOptions = {}): Promise<void> {
    await this.moveTo(this.homeDegrees, options);
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
  #accept(angleDegrees: number): number {
    const device = this.name;
    if (this.#isStopped) throw new RuntimeError("STOPPED", { device });
    if (this.#move) throw new RuntimeError("DEVICE_BUSY", { device, doing: this.doing });
    const { minDegrees, maxDegrees } = this.limits;
    const target = this.#normal(angleDegrees);
    if (!(target >= minDegrees && target <= maxDegrees))
      throw new RuntimeError("OUT_OF_LIMITS", {
        device,
        target: `${angleDegrees} degrees`,
        limits: `${minDegrees} to ${maxDegrees} degrees`,
      });
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
      const stopping = braking(speed, this.travel.accelerationDegreesPerS2);
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
    this.#restingAt = end.braked ? this.angleDegrees : target;
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

  #normal(degrees: number): number {
    return this.travel.isContinuous ? wrap(degrees) : degrees;
  }
}

export const open = async (options: AxisOptions, context: DriverContext): Promise<OpenDevice> =>
  new SimulatedAxis(options, context);
