// One axis of a controller as a device, in its own unit. A subclass says which.
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { AxisUnit, Capability, WaitOptions } from "../../../task/devices.ts";
import { inUnit, isWithin, outOfLimits } from "../../axis.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { failed, ofDevice, troubleOf } from "./controller-error.ts";
import type { Letter } from "./options.ts";
import { Place, type PlaceOptions } from "./place.ts";
import type { Seat } from "./seat.ts";

export interface MotorOptions extends PlaceOptions {
  readonly unit: AxisUnit;
  readonly letter: Letter;
  readonly min: number;
  readonly max: number;
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
  readonly #place: Place;
  /** Ends the move that is under way. */
  #brake = new AbortController();
  #doing: string | null = null;
  #done: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  /** @throws DEVICE_FAILED where the controller has no such axis */
  constructor(options: MotorOptions, seat: Seat, context: DriverContext) {
    this.name = context.name;
    this.driver = context.driver;
    this.#options = options;
    this.#seat = seat;
    this.#changed = context.changed;
    const { board } = seat.controller.session.firmware;
    const travel = board.travel(options.letter);
    if (!travel)
      throw failed(
        `the controller has no axis ${options.letter}`,
        "Give the axis a letter that the controller has.",
      );
    const look = (): number | undefined => seat.controller.firmware?.board.position(options.letter);
    this.#place = new Place(options, travel.resolution, look);
    this.topSpeed = Math.min(travel.topSpeed * options.perUnit, options.topSpeed ?? Number.POSITIVE_INFINITY);
    this.acceleration = travel.acceleration * options.perUnit;
    this.capabilities = board.canHome(options.letter)
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
    return this.#seat.controller.firmware?.board.isHomed(this.#options.letter) ?? false;
  }

  get fault() {
    const { fault } = this.#seat.controller;
    return fault && troubleOf(fault, this.name);
  }

  /** Where it stands, in its unit; where it was last seen while the controller is lost. */
  protected get position(): number {
    return this.#place.position;
  }

  protected get homePosition(): number | null {
    const { home, letter } = this.#options;
    if (home !== undefined) return home;
    const position = this.#seat.controller.firmware?.board.homePosition(letter);
    return position === undefined || position === null ? null : this.#place.fromMachine(position);
  }

  /** @throws OUT_OF_LIMITS, STOPPED, DEVICE_BUSY, NOT_HOMED, LIMIT_HIT, DEVICE_TIMEOUT, DEVICE_FAILED, or the signal's reason */
  protected async goTo(
    to: number,
    speed: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    signal?.throwIfAborted();
    this.#refuse();
    const target = this.#place.normal(to);
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
      this.#place.leave();
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

  async #travelTo(to: number, speed: number | undefined, signal: AbortSignal | undefined): Promise<void> {
    const { letter, perUnit, timeout_seconds: timeoutSeconds } = this.#options;
    const { turns } = this.#seat.controller.session;
    const target = this.#place.machineTarget(to);
    const top = Math.min(this.topSpeed, speed ?? this.topSpeed) / perUnit;
    this.#place.leave();
    await turns.move({ letter, target, speed: top, timeoutSeconds }, this.#either(signal));
    this.#place.arrive(to, target);
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

  #either(signal: AbortSignal | undefined): AbortSignal {
    const stop = this.#brake.signal;
    return signal ? AbortSignal.any([signal, stop]) : stop;
  }
}
