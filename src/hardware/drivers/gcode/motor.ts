// One axis of a controller as a device, in its own unit. A subclass says which.
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { AxisUnit, Capability, WaitOptions } from "../../../task/devices.ts";
import { inUnit, isWithin, outOfLimits } from "../../axis.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { wayBetween, wrap } from "../../trapezoid.ts";
import { failed, ofDevice, troubleOf } from "./controller-error.ts";
import type { Letter } from "./options.ts";
import type { Seat } from "./seat.ts";

export interface MotorOptions {
  readonly unit: AxisUnit;
  readonly letter: Letter;
  /** What the controller counts as one, in the axis' unit: 1000 um, 1 degree. */
  readonly perUnit: number;
  readonly min: number;
  readonly max: number;
  readonly isContinuous: boolean;
  /** Where homing brings it; undefined: where the controller's homing ends. */
  readonly home: number | undefined;
  readonly topSpeed: number | undefined;
  readonly timeout_seconds: number;
  readonly homing_timeout_seconds: number;
}

export abstract class GcodeMotor implements OpenDevice {
  readonly name: string;
  readonly driver: string;
  readonly capabilities: readonly Capability[];
  protected readonly topSpeed: number;
  protected readonly acceleration: number;
  readonly #options: MotorOptions;
  readonly #seat: Seat;
  readonly #changed: () => void;
  /** In the controller's units. */
  readonly #resolution: number;
  /** Ends the move that is under way. */
  #brake = new AbortController();
  #doing: string | null = null;
  #done: Promise<unknown> = Promise.resolve();
  #isStopped = false;
  /** Where it was sent and has arrived: a report is rounded to steps. `machine` counts the turns, too. */
  #arrived: { readonly shown: number; readonly machine: number; readonly reported: number } | null = null;
  #seen = 0;

  /** @throws DEVICE_FAILED where the controller has no such axis */
  constructor(options: MotorOptions, seat: Seat, context: DriverContext) {
    this.name = context.name;
    this.driver = context.driver;
    this.#options = options;
    this.#seat = seat;
    this.#changed = context.changed;
    const { firmware } = seat.controller.session;
    const travel = firmware.travel(options.letter);
    if (!travel)
      throw failed(
        `the controller has no axis ${options.letter}`,
        "Give the axis a letter that the controller has.",
      );
    this.#resolution = travel.resolution;
    this.topSpeed = Math.min(travel.topSpeed * options.perUnit, options.topSpeed ?? Number.POSITIVE_INFINITY);
    this.acceleration = travel.acceleration * options.perUnit;
    this.capabilities = firmware.canHome(options.letter)
      ? ["movable", "homeable", "stoppable"]
      : ["movable", "stoppable"];
  }

  get doing(): string | null {
    return this.#doing;
  }

  get isMoving(): boolean {
    return this.#doing !== null;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  get isHomed(): boolean {
    return this.#seat.controller.firmware?.isHomed(this.#options.letter) ?? false;
  }

  get fault() {
    const { fault } = this.#seat.controller;
    return fault && troubleOf(fault, this.name);
  }

  /** Where it stands, in its unit; where it was last seen while the controller is lost. */
  protected get position(): number {
    return this.#standing?.shown ?? this.#normal(this.#reported);
  }

  protected get homePosition(): number | null {
    const { home, letter, perUnit } = this.#options;
    if (home !== undefined) return home;
    const position = this.#seat.controller.firmware?.homePosition(letter);
    return position === undefined || position === null ? null : this.#normal(tidy(position * perUnit));
  }

  /** @throws OUT_OF_LIMITS, STOPPED, DEVICE_BUSY, NOT_HOMED, LIMIT_HIT, DEVICE_TIMEOUT, DEVICE_FAILED, or the signal's reason */
  protected async goTo(
    to: number,
    speed: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    signal?.throwIfAborted();
    this.#refuse();
    const target = this.#normal(to);
    if (!isWithin(target, this.#options)) throw outOfLimits(this.name, to, this.#options);
    await this.#doIt(`moving to ${inUnit(target, this.#options.unit)}`, target, () =>
      this.#travelTo(target, speed, signal),
    );
  }

  async home({ signal }: WaitOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#refuse();
    const { letter, home, homing_timeout_seconds } = this.#options;
    await this.#doIt("homing", home, async () => {
      this.#arrived = null;
      await this.#seat.controller.session.turns.home(letter, homing_timeout_seconds, this.#either(signal));
      if (home !== undefined) await this.#travelTo(home, undefined, signal);
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#brake.abort(new RuntimeError("STOPPED", { device: this.name }));
    const halted = this.#seat.stop();
    this.#changed();
    try {
      await Promise.all([this.#done, halted]);
    } catch (error) {
      throw ofDevice(error, this.name);
    }
  }

  release(): void {
    this.#isStopped = false;
    this.#brake = new AbortController();
    this.#seat.release();
    this.#changed();
  }

  async close(): Promise<void> {
    this.#isStopped = true;
    this.#brake.abort(new RuntimeError("STOPPED", { device: this.name }));
    await this.#done;
    await this.#seat.leave();
  }

  async #travelTo(target: number, speed: number | undefined, signal: AbortSignal | undefined): Promise<void> {
    const { letter, perUnit, isContinuous, timeout_seconds: timeoutSeconds } = this.#options;
    const { turns } = this.#seat.controller.session;
    const from = this.#standing?.machine ?? this.#reported;
    // Of an axis that turns for ever the controller counts the turns.
    const machine = from + wayBetween(this.#normal(from), target, isContinuous);
    const wish = { letter, target: tidy(machine / perUnit), timeoutSeconds };
    const top = Math.min(this.topSpeed, speed ?? this.topSpeed) / perUnit;
    this.#arrived = null;
    await turns.move({ ...wish, speed: top }, this.#either(signal));
    this.#arrived = { shown: target, machine, reported: this.#reported };
  }

  async #doIt(doing: string, target: number | undefined, work: () => Promise<void>): Promise<void> {
    this.#doing = doing;
    this.#changed();
    const working = work();
    this.#done = working.catch(() => undefined);
    try {
      await working;
    } catch (error) {
      throw ofDevice(error, this.name, {
        position: inUnit(this.position, this.#options.unit),
        ...(target !== undefined && { target: inUnit(target, this.#options.unit) }),
      });
    } finally {
      this.#doing = null;
      this.#changed();
    }
  }

  /** @throws STOPPED, DEVICE_BUSY */
  #refuse(): void {
    if (this.#isStopped) throw new RuntimeError("STOPPED", { device: this.name });
    if (this.#doing) throw new RuntimeError("DEVICE_BUSY", { device: this.name, doing: this.#doing });
  }

  /** As the controller counts it, in the axis' unit. */
  get #reported(): number {
    const position = this.#seat.controller.firmware?.position(this.#options.letter);
    if (position !== undefined) this.#seen = tidy(position * this.#options.perUnit);
    return this.#seen;
  }

  /** Where it was sent, while the controller still says so. */
  get #standing() {
    const tolerance = this.#resolution * this.#options.perUnit;
    const arrived = this.#arrived;
    return arrived && Math.abs(this.#reported - arrived.reported) < tolerance ? arrived : null;
  }

  #either(signal: AbortSignal | undefined): AbortSignal {
    const stop = this.#brake.signal;
    return signal ? AbortSignal.any([signal, stop]) : stop;
  }

  #normal(position: number): number {
    return this.#options.isContinuous ? wrap(position) : position;
  }
}

/** Without what floating point adds in the tenth place. */
const tidy = (value: number): number => Math.round(value * 1e6) / 1e6;
