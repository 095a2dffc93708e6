// The motor behind a simulated axis, in the axis' own unit: what it is told, and how that ends.
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { Clock } from "../../../lib/clock.ts";
import { deferred } from "../../../lib/deferred.ts";
import { isMovable } from "../../../task/capabilities.ts";
import type { AxisUnit, Device, Homeable, Stoppable, WaitOptions } from "../../../task/devices.ts";
import { axisOf, inUnit, isWithin, outOfLimits } from "../../axis.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { cutShort, standstill, trapezoid, wayBetween } from "../../trapezoid.ts";
import { type Faultable, FaultPlan, type Faults } from "./faults.ts";
import { type Stretch, Whereabouts } from "./whereabouts.ts";

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

interface Move {
  readonly target: number;
  readonly ended: Promise<unknown>;
  brake(reason: unknown): void;
  /** Without a way to brake: a switch has cut the motor off. */
  halt(reason: unknown): void;
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
  readonly #place: Whereabouts;
  #move: Move | null = null;

  constructor(options: MotorOptions, context: DriverContext) {
    this.name = context.name;
    this.driver = context.driver;
    this.#options = options;
    this.#clock = context.clock;
    this.#changed = context.changed;
    this.#faults = new FaultPlan(context.name, options.faults);
    this.#faults.open();
    this.#place = new Whereabouts(context.clock, options.start, options.isContinuous);
  }

  /** Where it says that it stands, in its unit. */
  protected get position(): number {
    return this.#place.position;
  }

  /** Where it really stands, steps that were lost on the way taken off: for what looks at it from outside. */
  get truePosition(): number {
    return this.#place.truePosition;
  }

  get fault() {
    return this.#faults.lost;
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
    return this.#move && `moving to ${inUnit(this.#move.target, this.#options.unit)}`;
  }

  setFaults(faults: Faults): void {
    this.#faults.set(faults);
  }

  /** @throws OUT_OF_LIMITS, STOPPED, DEVICE_BUSY, DEVICE_TIMEOUT, DEVICE_FAILED, or the signal's reason */
  protected async goTo(to: number, speed: number | undefined, signal: AbortSignal | undefined) {
    signal?.throwIfAborted();
    const target = this.#accept(to);
    const course = this.#faults.call();
    const { topSpeed, acceleration, isContinuous, timeoutSeconds } = this.#options;
    const top = Math.min(topSpeed, speed ?? topSpeed);
    const way = wayBetween(this.#place.restingAt, target, isContinuous);
    const distance = Math.abs(way);
    const planned = trapezoid(distance, top, acceleration);
    const { slowFactor, hangs, snag, lostSteps } = course;
    const smooth = trapezoid(distance, top / slowFactor, acceleration / slowFactor ** 2);
    const stalled = hangs ? standstill : snag?.by === "stall" ? cutShort(smooth, snag.at * distance) : null;
    const stretch = { direction: Math.sign(way), motion: stalled ?? smooth, lostSteps };
    const run = this.#run(target, stretch, planned.seconds + timeoutSeconds, signal);
    if (snag && !stalled) this.#snag(snag.by, smooth.secondsAt(snag.at * distance));
    await run;
  }

  /** Something happens to the move that has just begun, after so many seconds of it. */
  #snag(by: "stall" | "limit" | "disconnect", seconds: number): void {
    const move = this.#move;
    this.#clock.after(seconds * 1000, () => {
      if (this.#move !== move) return;
      if (by === "disconnect") return move?.brake(this.#faults.disconnect());
      this.#isHomed = false;
      const position = inUnit(this.position, this.#options.unit);
      move?.halt(new RuntimeError("LIMIT_HIT", { device: this.name, position }));
    });
  }

  async home(options: WaitOptions = {}): Promise<void> {
    await this.goTo(this.#options.home, undefined, options.signal);
    this.#isHomed = true;
    this.#place.found();
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
    const target = this.#place.normal(to);
    if (!isWithin(target, this.#options)) throw outOfLimits(device, to, this.#options);
    return target;
  }

  /** Resolves on arrival, rejects with the reason of the brake; either way it stands still. */
  async #run(target: number, way: Stretch, mostSeconds: number, signal?: AbortSignal) {
    const clock = this.#clock;
    const still = deferred<{ braked: false } | { braked: true; reason: unknown }>();
    this.#place.begin(way);
    const arrival = Number.isFinite(way.motion.seconds)
      ? clock.after(way.motion.seconds * 1000, () => still.resolve({ braked: false }))
      : null;
    let isBraking = false;
    const brake = (reason: unknown, deceleration = this.#options.acceleration): void => {
      if (isBraking) return;
      isBraking = true;
      arrival?.cancel();
      const seconds = this.#place.brake(deceleration);
      clock.after(seconds * 1000, () => still.resolve({ braked: true, reason }));
    };
    const watchdog = clock.after(mostSeconds * 1000, () =>
      brake(new RuntimeError("DEVICE_TIMEOUT", { device: this.name, timeout_seconds: mostSeconds })),
    );
    const giveUp = (): void => brake(signal?.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    const halt = (reason: unknown): void => brake(reason, Number.POSITIVE_INFINITY);
    this.#move = { target, ended: still.promise, brake, halt };
    this.#changed();
    const end = await still.promise;
    watchdog.cancel();
    signal?.removeEventListener("abort", giveUp);
    this.#place.rest(end.braked ? null : target);
    this.#move = null;
    this.#changed();
    if (end.braked) throw end.reason;
  }
}

/** Where an axis really stands, as a camera or a power meter sees it; undefined where there is none. */
export function trulyAt(device: Device | undefined): number | undefined {
  if (device instanceof SimulatedMotor) return device.truePosition;
  return device && isMovable(device) ? axisOf(device).position : undefined;
}
