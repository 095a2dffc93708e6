// The machine's devices by name. A device that does not open is listed with its reason, the rest works.

import { isDeepStrictEqual } from "node:util";
import type { DeviceDemand, DeviceStop } from "../engine/machine/port.ts";
import { RuntimeError } from "../errors/runtime-error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { ProcessNotes } from "../lib/processes/notes.ts";
import { isMovable, isStoppable } from "../task/capabilities.ts";
import type { Device } from "../task/devices.ts";
import type { Claims } from "../task/policy.ts";
import { boundTo, noDevice } from "./bound-device.ts";
import { DeviceChanges, type OnDeviceChange } from "./changes.ts";
import { checkDemand } from "./demand.ts";
import type { DeviceState, OpenDevice } from "./device.ts";
import type { DeviceOptions, DeviceProfile } from "./profile.ts";
import { Slot, type SlotContext } from "./slot.ts";
import { stopOne } from "./stop.ts";
import { unknownDevice } from "./unknown-device.ts";

export interface DevicesOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Directories in the profile are relative to this one: the project, absolute. */
  readonly root: string;
  /** Where the processes of drivers are noted; without it nobody ends what a killed runtime leaves behind. */
  readonly notes?: ProcessNotes;
  /** Told after every change, at most twenty times a second for each device. */
  readonly onChange?: OnDeviceChange;
}

export async function openDevices(profile: DeviceProfile, options: DevicesOptions): Promise<Devices> {
  const devices = new Devices(options);
  await devices.switchTo(profile);
  return devices;
}

export class Devices {
  readonly #options: DevicesOptions;
  /** In the order of the profile. */
  #slots: ReadonlyMap<string, Slot> = new Map();
  readonly #changes: DeviceChanges;
  readonly #shared = new Map<string, unknown>();
  #areStopped = false;
  #isComingUp = false;
  #isClosed = false;

  constructor(options: DevicesOptions) {
    this.#options = options;
    this.#changes = new DeviceChanges(options.clock, options.onChange ?? (() => undefined));
  }

  /**
   * Opens the devices of the profile; one that fails is listed as failed. Those that are open and stay as they are are
   * left alone, all others are let go of first.
   */
  async switchTo(profile: DeviceProfile): Promise<void> {
    if (this.#isClosed) return;
    const before = this.#slots;
    const changing = new Set(this.changedBy(profile));
    await Promise.all([...changing].map((name) => before.get(name)?.close()));
    if (this.#isClosed) return;
    const slots = Object.entries(profile.devices).map(
      ([name, settings]) =>
        (changing.has(name) ? undefined : before.get(name)) ?? new Slot(name, settings, this.#context()),
    );
    this.#slots = new Map(slots.map((slot) => [slot.name, slot]));
    for (const { state } of before.values()) if (!this.#slots.has(state.name)) this.#changes.gone(state);
    // How a machine comes up is news to nobody.
    this.#isComingUp = before.size === 0;
    const coming = slots.filter((slot) => before.get(slot.name) !== slot);
    await Promise.all(coming.map((slot) => slot.open(() => this.#areStopped)));
    if (this.#isComingUp) for (const { state } of slots) this.#changes.know(state);
    this.#isComingUp = false;
  }

  /** The devices that a switch to this profile lets go of, opens, or both: one that does not work is tried again. */
  changedBy(profile: DeviceProfile): string[] {
    const names = new Set([...this.#slots.keys(), ...Object.keys(profile.devices)]);
    return Array.from(names).filter((name) => {
      const slot = this.#slots.get(name);
      const works = slot?.device && slot.state.state !== "failed";
      return !works || !isDeepStrictEqual(slot.settings, profile.devices[name]);
    });
  }

  /**
   * Lets go of one device and opens it again.
   * @param settings what its profile says of it now; where it has it no more it is opened as before
   * @throws UNKNOWN_DEVICE
   */
  async reconnect(name: string, settings?: DeviceOptions): Promise<DeviceState> {
    const slot = this.#slot(name);
    await slot.reopen(settings ?? slot.settings, () => this.#areStopped);
    return slot.state;
  }

  /** True from `stopAll` to `release`. */
  get areStopped(): boolean {
    return this.#areStopped;
  }

  /** Every device of the profile, failed ones too, in its order. */
  list(): DeviceState[] {
    return Array.from(this.#slots.values(), ({ state }) => state);
  }

  /** @throws UNKNOWN_DEVICE */
  state(name: string): DeviceState {
    return this.#slot(name).state;
  }

  /** @throws UNKNOWN_DEVICE, DEVICE_FAILED for one that could not be opened */
  get(name: string): Device {
    return this.#slot(name).demand();
  }

  /**
   * What a task sees as `ctx.devices`: the devices it named in `uses`. Every call is given the signal of that moment,
   * beside the caller's own. A name that is no device is one that tasks agree on: nothing can be done with it.
   * @throws DEVICE_FAILED
   */
  bind(uses: Claims, signal: () => AbortSignal): Record<string, Device> {
    const bound = (name: string): Device => {
      const slot = this.#slots.get(name);
      if (!slot) return noDevice(name, () => this.#slot(name));
      const refusedAlone = slot.refusal();
      const refusal = (): Error | null =>
        this.#areStopped ? new RuntimeError("STOPPED", { device: name }) : refusedAlone();
      return boundTo(slot.demand(), { signal, refusal, called: (error) => slot.called(error) });
    };
    return Object.fromEntries(Object.keys(uses).map((name) => [name, bound(name)]));
  }

  /**
   * Emergency stop: every device that moves is told before this returns, each has its braking distance, and they refuse
   * to move until `release`. One that fails or hangs holds up nobody. Never rejects.
   */
  stopAll(): Promise<DeviceStop[]> {
    this.#areStopped = true;
    const moving = this.#open().filter((device) => isStoppable(device) || isMovable(device));
    return Promise.all(moving.map((device) => stopOne(device, this.#options.clock)));
  }

  /**
   * The same for one device: tasks that have it now cannot move it any more, others can once it stands still.
   * @throws UNKNOWN_DEVICE
   */
  stop(name: string): Promise<DeviceStop> {
    return this.#slot(name).stop(() => this.#areStopped);
  }

  /**
   * Stops those of the named that still move, and releases what their task has stopped itself; null where there are none.
   * Never rejects.
   */
  settle(names: readonly string[]): Promise<unknown> | null {
    const left = names.flatMap((name) => {
      const slot = this.#slots.get(name);
      const device = slot?.device;
      if (!device) return [];
      const isHeld = device.isStopped && !this.#areStopped;
      return isHeld || (isMovable(device) && device.isMoving) ? slot : [];
    });
    if (left.length === 0) return null;
    return Promise.all(left.map((slot) => slot.settle(() => this.#areStopped)));
  }

  /** @throws UNKNOWN_DEVICE, DEVICE_FAILED, DEVICE_LACKS, OUT_OF_LIMITS where a device could not do what is asked */
  check({ device, ...asked }: DeviceDemand): void {
    checkDemand(this.get(device), asked);
  }

  /** Ends the emergency stop; nothing moves by itself. */
  release(): void {
    this.#areStopped = false;
    for (const device of this.#open()) if (isStoppable(device)) device.release();
  }

  /** Whether this is a device that moves. Of one that could not be opened nobody knows. */
  moves(name: string): boolean {
    const slot = this.#slots.get(name);
    if (!slot?.device) return slot !== undefined;
    return isMovable(slot.device) || isStoppable(slot.device);
  }

  /** Stops what moves and lets go of the hardware. Twice without harm. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#changes.close();
    await Promise.all(Array.from(this.#slots.values(), (slot) => slot.close()));
  }

  #open(): OpenDevice[] {
    return Array.from(this.#slots.values()).flatMap(({ device }) => device ?? []);
  }

  #context(): SlotContext {
    const { clock, log, root, notes } = this.#options;
    return {
      ...{ clock, log, root },
      shared: this.#shared,
      peer: (name) => this.#slots.get(name)?.device ?? undefined,
      changed: (name) => this.#tell(name),
      remember: (started) => {
        notes?.write(started);
        void started.ended.then(() => notes?.remove(started));
      },
    };
  }

  #tell(name: string): void {
    const slot = this.#slots.get(name);
    if (slot && !this.#isComingUp) this.#changes.tell(name, () => slot.state);
  }

  #slot(name: string): Slot {
    const slot = this.#slots.get(name);
    if (slot) return slot;
    throw unknownDevice(name, this.#slots.keys());
  }
}
