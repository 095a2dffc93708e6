// The stepper motor behind an axis, in the axis' own unit: limits, homing, stops. The steps are its drive's business.
import { RuntimeError } from "../../../errors/runtime-error.ts";
import { deferred } from "../../../lib/deferred.ts";
import type { AxisUnit, Homeable, Stoppable, WaitOptions } from "../../../task/devices.ts";
import { inUnit, isWithin, outOfLimits } from "../../axis.ts";
import type { DriverContext, OpenDevice, Trouble } from "../../device.ts";
import { wrap } from "../../trapezoid.ts";
import type { Drive } from "./drive.ts";
import { type Homing, homingOf } from "./homing.ts";
import { type Scale, stepsTo } from "./scale.ts";
import type { StepEnd, StepOrder } from "./stepping/orders.ts";

export interface MotorOptions {
  readonly unit: AxisUnit;
  readonly scale: Scale;
  readonly min: number;
  readonly max: number;
  /** One turn is `max`, and the shorter way is taken. */
  readonly isContinuous: boolean;
  readonly home: number;
  readonly start: number;
  /** Units per second, and per second squared. */
  readonly topSpeed: number;
  readonly acceleration: number;
  /** How long the stepping process may be silent on a move. */
  readonly timeoutSeconds: number;
  /** Null where there is no switch to find: then `start` is believed. */
  readonly homing: Homing | null;
}

/** One call of a task, from its first step to standstill. */
interface Travel {
  readonly doing: string;
  readonly ended: Promise<void>;
  /** Why it has to end, once it has. */
  stop: { readonly reason: unknown } | null;
}

/** Part of a travel: steps, and perhaps a switch that ends them. @param speed units per second */
export type Go = (steps: number, speed: number, until: StepOrder["until"]) => Promise<StepEnd>;

export abstract class GpioMotor implements OpenDevice, Homeable, Stoppable {
  readonly name: string;
  readonly driver: string;
  readonly capabilities = ["movable", "homeable", "stoppable"] as const;
  readonly #options: MotorOptions;
  readonly #context: DriverContext;
  readonly #drive: Drive;
  #isHomed = false;
  #isStopped = false;
  #travel: Travel | null = null;

  constructor(options: MotorOptions, context: DriverContext, drive: Drive) {
    this.name = context.name;
    this.driver = context.driver;
    this.#options = options;
    this.#context = context;
    this.#drive = drive;
    drive.onLost = () => {
      this.#isHomed = false;
      context.changed();
    };
  }

  /** Where it stands by the steps that were made, in its unit. */
  protected get position(): number {
    return this.#normal(this.#options.scale.toUnits(this.#drive.position));
  }

  get isMoving(): boolean {
    return this.#travel !== null;
  }

  get isHomed(): boolean {
    return this.#isHomed;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  get doing(): string | null {
    return this.#travel?.doing ?? null;
  }

  get fault(): Trouble | null {
    return this.#drive.fault;
  }

  /** @throws OUT_OF_LIMITS, STOPPED, DEVICE_BUSY, LIMIT_HIT, DEVICE_TIMEOUT, DEVICE_FAILED, or the signal's reason */
  protected async goTo(to: number, speed: number | undefined, signal: AbortSignal | undefined) {
    signal?.throwIfAborted();
    this.#refuse();
    const target = this.#normal(to);
    if (!isWithin(target, this.#options)) throw outOfLimits(this.name, to, this.#options);
    const { topSpeed } = this.#options;
    const doing = `moving to ${inUnit(target, this.#options.unit)}`;
    await this.#whole(doing, signal, async (go) => {
      await go(this.#stepsTo(target), Math.min(topSpeed, speed ?? topSpeed), null);
    });
  }

  async home({ signal }: WaitOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#refuse();
    const { homing, home, topSpeed, scale } = this.#options;
    await this.#whole("homing", signal, async (go) => {
      this.#isHomed = false;
      if (homing) {
        await homingOf(this.name, this.#options, homing, go);
        await this.#drive.count(scale.toSteps(homing.at));
      }
      await go(this.#stepsTo(this.#normal(home)), topSpeed, null);
      this.#isHomed = true;
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const travel = this.#travel;
    if (travel) this.#brake(travel, new RuntimeError("STOPPED", { device: this.name }));
    this.#context.changed();
    await travel?.ended;
  }

  release(): void {
    this.#isStopped = false;
    this.#context.changed();
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#drive.close();
  }

  /** @throws STOPPED, DEVICE_BUSY, DEVICE_FAILED */
  #refuse(): void {
    const device = this.name;
    if (this.#isStopped) throw new RuntimeError("STOPPED", { device });
    if (this.fault) throw new RuntimeError("DEVICE_FAILED", { device, ...this.fault });
    if (this.#travel) throw new RuntimeError("DEVICE_BUSY", { device, doing: this.doing });
  }

  /** However it ends, it stands still then. */
  async #whole(
    doing: string,
    signal: AbortSignal | undefined,
    work: (go: Go) => Promise<void>,
  ): Promise<void> {
    const ended = deferred();
    const travel: Travel = { doing, ended: ended.promise, stop: null };
    const giveUp = (): void => this.#brake(travel, signal?.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    this.#travel = travel;
    this.#context.changed();
    try {
      await work((...way) => this.#go(travel, ...way));
    } catch (error) {
      throw travel.stop ? travel.stop.reason : error;
    } finally {
      signal?.removeEventListener("abort", giveUp);
      this.#travel = null;
      this.#context.changed();
      ended.resolve();
    }
    throwIfStopped(travel);
  }

  async #go(travel: Travel, steps: number, speed: number, until: StepOrder["until"]): Promise<StepEnd> {
    throwIfStopped(travel);
    const { scale, acceleration, timeoutSeconds } = this.#options;
    const [topSpeed, ramp] = [scale.stepsOf(speed), scale.stepsOf(acceleration)];
    const order = { steps, topSpeed, acceleration: ramp, until };
    const end = await this.#drive.go(order, timeoutSeconds);
    if (end.ended === "limit") this.#isHomed = false;
    throwIfStopped(travel);
    if (end.ended !== "limit") return end;
    const position = inUnit(this.position, this.#options.unit);
    throw new RuntimeError("LIMIT_HIT", { device: this.name, position });
  }

  /** The first reason counts. */
  #brake(travel: Travel, reason: unknown): void {
    if (travel.stop) return;
    travel.stop = { reason };
    const { topSpeed, acceleration } = this.#options;
    this.#drive.brake((topSpeed / acceleration) * 1000);
  }

  #stepsTo = (target: number): number => stepsTo(target, this.#drive.position, this.#options);

  #normal(position: number): number {
    return this.#options.isContinuous ? wrap(position) : position;
  }
}

function throwIfStopped({ stop }: Travel): void {
  if (stop) throw stop.reason;
}
