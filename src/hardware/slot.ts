// One device of the profile from its opening to its closing. Where it does not open, or does not answer any more, it
// says why.
import type { DeviceStop } from "../engine/machine/port.ts";
import { RuntimeError, sentenceOf } from "../errors/runtime-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { isStoppable } from "../task/capabilities.ts";
import type { Device } from "../task/devices.ts";
import {
  type DeviceState,
  type Driver,
  type DriverContext,
  type OpenDevice,
  type StartedProcess,
  stateOf,
  stateWithout,
  type Trouble,
} from "./device.ts";
import { menu } from "./menu.ts";
import type { DeviceOptions } from "./profile.ts";
import { stopOne } from "./stop.ts";
import { opening, tellsOfDevice, troubleOf } from "./trouble.ts";
import { within } from "./within.ts";

export interface SlotContext {
  readonly clock: Clock;
  readonly log: Logger;
  readonly root: string;
  readonly shared: Map<string, unknown>;
  peer(name: string): Device | undefined;
  /** What the device shows has changed. */
  changed(name: string): void;
  remember(started: StartedProcess): void;
}

/** How long a driver may take to open a device, and to let go of it. */
const longestMs = 30_000;

export class Slot {
  readonly name: string;
  readonly #context: SlotContext;
  #settings: DeviceOptions;
  #device: OpenDevice | null = null;
  /** Why there is no open device, or null while it is being opened. */
  #failed: Trouble | null = null;
  /** What the last call of a task failed with, until one succeeds. */
  #mark: Trouble | null = null;
  #turn: Promise<void> = Promise.resolve();
  /** How often it was stopped alone: whoever had it then does not move it any more. */
  #stops = 0;

  constructor(name: string, settings: DeviceOptions, context: SlotContext) {
    this.name = name;
    this.#settings = settings;
    this.#context = context;
  }

  get device(): OpenDevice | null {
    return this.#device;
  }

  get state(): DeviceState {
    const { driver } = this.#settings;
    if (this.#device) return stateOf(this.#device, this.#mark);
    return stateWithout({ name: this.name, driver }, this.#failed ? "failed" : "opening", this.#failed);
  }

  /** @throws DEVICE_FAILED where it is not open */
  demand(): OpenDevice {
    if (this.#device) return this.#device;
    const { problem, remedy } = this.#failed ?? opening;
    throw new RuntimeError("DEVICE_FAILED", { device: this.name, problem, remedy });
  }

  get settings(): DeviceOptions {
    return this.#settings;
  }

  /** For one task: why it must not move the device, or null. */
  refusal(): () => RuntimeError | null {
    const stops = this.#stops;
    return () => (stops === this.#stops ? null : new RuntimeError("STOPPED", { device: this.name }));
  }

  /**
   * It brakes now, whoever has it cannot move it any more, others can once it stands still. Never rejects.
   * @param stays it refuses everybody, until a release
   */
  stop(stays: () => boolean): Promise<DeviceStop> {
    this.#stops++;
    return this.settle(stays);
  }

  /** The same, and whoever has it may go on. */
  async settle(stays: () => boolean): Promise<DeviceStop> {
    const device = this.#device;
    if (!device)
      return {
        name: this.name,
        stopped: false,
        problem: `it is not open: ${(this.#failed ?? opening).problem}`,
      };
    const stopped = await stopOne(device, this.#context.clock);
    if (isStoppable(device) && !stays()) device.release();
    return stopped;
  }

  /** Never rejects: what fails is shown. @param isStopped whether it is open in a machine that must not move by then */
  open(isStopped: () => boolean): Promise<void> {
    return this.#next(() => this.#open(isStopped));
  }

  /** Lets go of it, and opens it again as `settings` say. Never rejects. */
  reopen(settings: DeviceOptions, isStopped: () => boolean): Promise<void> {
    return this.#next(async () => {
      await this.#close();
      this.#settings = settings;
      await this.#open(isStopped);
    });
  }

  /** Stops what moves and lets go. Twice without harm; never rejects. */
  close(): Promise<void> {
    return this.#next(() => this.#close());
  }

  /** How a task's call has ended: whoever does not answer is marked. */
  called(error: unknown): void {
    const before = this.#mark;
    if (error === null) this.#mark = null;
    else if (tellsOfDevice(error)) this.#mark = troubleOf(error);
    if (this.#mark !== before) this.#context.changed(this.name);
  }

  /** One after the other, whoever asks. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work);
    return this.#turn;
  }

  async #open(isStopped: () => boolean): Promise<void> {
    this.#failed = null;
    this.#mark = null;
    const { driver } = this.#settings;
    const { clock, log } = this.#context;
    try {
      const loading = this.#load();
      const opened = await within(clock, longestMs, () => loading);
      if (opened.isLate) {
        // Should it open after all, nobody wants it any more.
        void loading.then((device) => device.close()).catch(() => undefined);
        throw new RuntimeError("DEVICE_TIMEOUT", this.#late());
      }
      this.#device = opened.value;
      if (isStopped() && isStoppable(opened.value)) void opened.value.stop().catch(() => undefined);
    } catch (error) {
      this.#failed = troubleOf(error);
      log.warn({ device: this.name, driver, problem: this.#failed.problem }, "a device could not be opened");
    }
    this.#context.changed(this.name);
  }

  async #load(): Promise<OpenDevice> {
    const { clock, log, root, shared, peer, changed, remember } = this.#context;
    const { driver: name } = this.#settings;
    const context: DriverContext = {
      ...{ name: this.name, driver: name, clock, log, root, shared, peer, remember },
      changed: () => changed(this.name),
    };
    // The menu ties options and driver together; across the union TypeScript cannot.
    const driver = (await menu[name].load()) as Driver<DeviceOptions>;
    return driver.open(this.#settings, context);
  }

  async #close(): Promise<void> {
    const device = this.#device;
    if (!device) return;
    this.#device = null;
    const { clock, log } = this.#context;
    try {
      const closed = await within(clock, longestMs, () => device.close());
      if (closed.isLate) throw new RuntimeError("DEVICE_TIMEOUT", this.#late());
    } catch (error) {
      log.warn({ device: this.name, problem: sentenceOf(error) }, "a device was not closed as it should be");
    }
  }

  #late() {
    return { device: this.name, timeout_seconds: longestMs / 1000 };
  }
}
