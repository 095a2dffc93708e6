// The stepper motor behind an axis, in the axis' own unit. The steps are made in a process of its own, which counts them.
import { RuntimeError } from "../../../errors/runtime-error.ts";
import { deferred } from "../../../lib/deferred.ts";
import type { AxisUnit, Homeable, Stoppable, WaitOptions } from "../../../task/devices.ts";
import { inUnit, isWithin, outOfLimits } from "../../axis.ts";
import type { DriverContext, OpenDevice, Trouble } from "../../device.ts";
import { DriverProcess } from "../../process/driver-process.ts";
import { trapezoid, wayBetween, wrap } from "../../trapezoid.ts";
import { within } from "../../within.ts";
import { type Homing, homingOf } from "./homing.ts";
import type { Scale } from "./scale.ts";
import {
  type MotorWiring,
  type StepEnd,
  type StepOrder,
  type SteppingCalls,
  type SteppingNews,
  stopPlace,
} from "./stepping/orders.ts";

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
  /** How much longer than planned a move may take. */
  readonly timeoutSeconds: number;
  /** Null where there is no switch to find: then `start` is believed. */
  readonly homing: Homing | null;
}

export type Line = DriverProcess<SteppingCalls>;

/** One call of a task, from its first step to standstill. */
interface Travel {
  readonly doing: string;
  readonly ended: Promise<void>;
  /** Of the steps that are made right now. */
  order: number;
  /** Why it has to end, once it has. */
  stop: { readonly reason: unknown } | null;
}

/** Part of a travel: steps, and perhaps a switch that ends them. @param speed units per second */
export type Go = (steps: number, speed: number, until: StepOrder["until"]) => Promise<StepEnd>;

/** How long after its braking time a process may be silent, in milliseconds. */
const silenceMs = 1000;
const farewellMs = 2000;

export abstract class GpioMotor implements OpenDevice, Homeable, Stoppable {
  readonly name: string;
  readonly driver: string;
  readonly capabilities = ["movable", "homeable", "stoppable"] as const;
  readonly #options: MotorOptions;
  readonly #context: DriverContext;
  readonly #line: Line;
  #steps: number;
  #isHomed = false;
  #isStopped = false;
  #fault: Trouble | null = null;
  #travel: Travel | null = null;
  #orders = 0;

  constructor(options: MotorOptions, context: DriverContext, { line, heard }: Stepping) {
    this.name = context.name;
    this.driver = context.driver;
    this.#options = options;
    this.#context = context;
    this.#line = line;
    this.#steps = options.scale.toSteps(options.start);
    heard.onPosition = (steps) => {
      this.#steps = steps;
    };
    heard.onLost = (problem) => this.#lost(problem);
  }

  /** Where it stands by the steps that were made, in its unit. */
  protected get position(): number {
    return this.#normal(this.#options.scale.toUnits(this.#steps));
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
    return this.#fault;
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
        this.#steps = scale.toSteps(homing.at);
        await this.#line.ask("count", this.#steps);
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
    // Takes the current off the motor. Rejects where the process is gone already.
    await within(this.#context.clock, farewellMs, () => this.#line.ask("close", null)).catch(() => undefined);
    await this.#line.end();
  }

  /** @throws STOPPED, DEVICE_BUSY, DEVICE_FAILED */
  #refuse(): void {
    const device = this.name;
    if (this.#isStopped) throw new RuntimeError("STOPPED", { device });
    if (this.#fault) throw new RuntimeError("DEVICE_FAILED", { device, ...this.#fault });
    if (this.#travel) throw new RuntimeError("DEVICE_BUSY", { device, doing: this.doing });
  }

  /** However it ends, it stands still then. */
  async #whole(
    doing: string,
    signal: AbortSignal | undefined,
    work: (go: Go) => Promise<void>,
  ): Promise<void> {
    const ended = deferred();
    const travel: Travel = { doing, ended: ended.promise, order: 0, stop: null };
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
    const seconds = trapezoid(Math.abs(steps), topSpeed, ramp).seconds + timeoutSeconds;
    travel.order = ++this.#orders;
    const late = new RuntimeError("DEVICE_TIMEOUT", { device: this.name, timeout_seconds: seconds });
    const watchdog = this.#context.clock.after(seconds * 1000, () => this.#cutOff(travel, late));
    const order = { id: travel.order, steps, topSpeed, acceleration: ramp, until };
    const end = await this.#line.ask("go", order).finally(() => watchdog.cancel());
    this.#steps = end.position;
    if (end.restarts > 0) this.#tellOfDelay(end);
    throwIfStopped(travel);
    if (end.ended !== "limit") return end;
    this.#isHomed = false;
    const position = inUnit(this.position, this.#options.unit);
    throw new RuntimeError("LIMIT_HIT", { device: this.name, position });
  }

  /** The first reason counts. */
  #brake(travel: Travel, reason: unknown): void {
    if (travel.stop) return;
    travel.stop = { reason };
    this.#line.setNumber(stopPlace, travel.order);
    const { topSpeed, acceleration } = this.#options;
    const ms = (topSpeed / acceleration) * 1000 + silenceMs;
    const late = this.#context.clock.after(ms, () => this.#cutOff(travel, reason));
    void travel.ended.then(() => late.cancel());
  }

  /** Without a process there are no steps: the last means, when it does not answer. */
  #cutOff(travel: Travel, reason: unknown): void {
    travel.stop ??= { reason };
    const problem = "its stepping process did not answer and was ended";
    this.#lost(problem);
    void this.#line.end(problem);
  }

  #lost(problem: string): void {
    this.#isHomed = false;
    this.#fault = {
      problem,
      remedy: `It may stand a little further on than it says: POST /devices/${this.name}/reconnect, then home it.`,
    };
    this.#context.changed();
  }

  #tellOfDelay({ latestMs, restarts }: StepEnd): void {
    this.#context.log.warn(
      { device: this.name, latest_ms: Math.round(latestMs), restarts },
      "the system held up the steps of a motor, which had to start again from standstill",
    );
  }

  #stepsTo(target: number): number {
    const { scale, isContinuous, min, max } = this.#options;
    const way = wayBetween(this.position, target, isContinuous);
    const steps = this.#steps + Math.round(scale.stepsOf(way));
    if (isContinuous) return steps - this.#steps;
    // A target on its limit is not overrun by half a step.
    const [lowest, highest] = [Math.ceil(scale.stepsOf(min) - 1e-6), Math.floor(scale.stepsOf(max) + 1e-6)];
    return Math.min(highest, Math.max(lowest, steps)) - this.#steps;
  }

  #normal(position: number): number {
    return this.#options.isContinuous ? wrap(position) : position;
  }
}

function throwIfStopped({ stop }: Travel): void {
  if (stop) throw stop.reason;
}

/** A stepping process, and what is heard of it; the axis that is made of it listens. */
export interface Stepping {
  readonly line: Line;
  readonly heard: { onPosition(steps: number): void; onLost(problem: string): void };
}

/** @throws DEVICE_FAILED with what to do */
export async function startStepping(
  context: DriverContext,
  wiring: MotorWiring,
  position: number,
): Promise<Stepping> {
  const heard: Stepping["heard"] = { onPosition: () => undefined, onLost: () => undefined };
  const line: Line = await DriverProcess.start<SteppingCalls>(context, {
    entry: new URL("./stepping/entry.mjs", import.meta.url),
    onNews: (news) => heard.onPosition((news as SteppingNews).position),
    onLost: (problem) => heard.onLost(problem),
  });
  try {
    const version = await line.ask("open", { wiring, position });
    context.log.info({ device: context.name, libgpiod: version }, "an axis has its pins");
  } catch (error) {
    await line.end();
    throw error;
  }
  return { line, heard };
}
