// The machine's devices by name. A device that does not open is listed with its reason, the rest works.
import type { DeviceStop } from "../engine/ports.ts";
import { isRuntimeError, RuntimeError, sentenceOf } from "../errors/runtime-error.ts";
import type { Clock } from "../lib/clock.ts";
import { Closers } from "../lib/closers.ts";
import type { Logger } from "../lib/logger.ts";
import { nearest } from "../lib/nearest.ts";
import type { Device } from "../task/devices.ts";
import type { Claims } from "../task/policy.ts";
import { boundTo } from "./bound-device.ts";
import { isMovable, isStoppable } from "./capabilities.ts";
import { DeviceChanges, type OnDeviceChange } from "./changes.ts";
import { type DeviceState, type Driver, failedState, type OpenDevice, stateOf } from "./device.ts";
import { menu } from "./menu.ts";
import type { DeviceOptions, DeviceProfile } from "./profile.ts";
import { stopOne } from "./stop.ts";

export interface DevicesOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Directories in the profile are relative to this one: the project, absolute. */
  readonly root: string;
  /** Told after every change, and several times a second while something moves. */
  readonly onChange?: OnDeviceChange;
}

export async function openDevices(profile: DeviceProfile, options: DevicesOptions): Promise<Devices> {
  const devices = new Devices(options);
  await Promise.all(Object.entries(profile.devices).map(([name, settings]) => devices.open(name, settings)));
  return devices;
}

export class Devices {
  readonly #options: DevicesOptions;
  readonly #names: string[] = [];
  readonly #open = new Map<string, OpenDevice>();
  readonly #failed = new Map<string, DeviceState>();
  readonly #closers = new Closers();
  readonly #changes: DeviceChanges;
  #areStopped = false;

  constructor(options: DevicesOptions) {
    this.#options = options;
    this.#changes = new DeviceChanges(options.clock, options.onChange ?? (() => undefined));
  }

  /** Opens one device of a profile; when it fails the device is listed as failed. */
  async open(name: string, settings: DeviceOptions): Promise<void> {
    const { clock, log, root } = this.#options;
    this.#names.push(name);
    try {
      // The menu ties options and driver together; across the union TypeScript cannot.
      const driver = (await menu[settings.driver].load()) as Driver<DeviceOptions>;
      const device = await driver.open(settings, {
        name,
        driver: settings.driver,
        clock,
        log,
        root,
        peer: (other) => this.#open.get(other),
        changed: () => this.#tell(name),
      });
      this.#open.set(name, device);
      this.#changes.know(device);
      this.#closers.add(name, () => device.close());
    } catch (error) {
      const { problem, remedy } = explain(error);
      log.warn({ device: name, driver: settings.driver, problem }, "a device could not be opened");
      this.#failed.set(name, failedState(name, settings.driver, problem, remedy));
    }
  }

  /** True from `stopAll` to `release`. */
  get areStopped(): boolean {
    return this.#areStopped;
  }

  /** Every device of the profile, failed ones too, in its order. */
  list(): DeviceState[] {
    return this.#names.flatMap((name) => this.#stateOf(name) ?? []);
  }

  /** @throws UNKNOWN_DEVICE */
  state(name: string): DeviceState {
    return this.#stateOf(name) ?? this.#unknown(name);
  }

  /** @throws UNKNOWN_DEVICE, DEVICE_FAILED for one that could not be opened */
  get(name: string): Device {
    const device = this.#open.get(name);
    if (device) return device;
    const failed = this.#failed.get(name);
    if (failed) throw new RuntimeError("DEVICE_FAILED", { device: name, problem: failed.problem });
    return this.#unknown(name);
  }

  /**
   * What a task sees as `ctx.devices`: the devices it named in `uses`. Every call is given the signal of that moment,
   * unless the caller passes its own. A name that is no device is one that tasks agree on: nothing can be done with it.
   * @throws DEVICE_FAILED
   */
  bind(uses: Claims, signal: () => AbortSignal): Record<string, Device> {
    const refusal = (device: string): Error | null =>
      this.#areStopped ? new RuntimeError("STOPPED", { device }) : null;
    const bound = (name: string): Device =>
      this.#names.includes(name) ? boundTo(this.get(name), signal, refusal) : this.#noDevice(name);
    return Object.fromEntries(Object.keys(uses).map((name) => [name, bound(name)]));
  }

  /**
   * Emergency stop: every device that moves is told before this returns, each has its braking distance, and they refuse
   * to move until `release`. One that fails or hangs holds up nobody. Never rejects.
   */
  stopAll(): Promise<DeviceStop[]> {
    this.#areStopped = true;
    const moving = [...this.#open.values()].filter((device) => isStoppable(device) || isMovable(device));
    return Promise.all(moving.map((device) => stopOne(device, this.#options.clock)));
  }

  /** Ends the emergency stop; nothing moves by itself. */
  release(): void {
    this.#areStopped = false;
    for (const device of this.#open.values()) if (isStoppable(device)) device.release();
  }

  /** Whether this is a device that moves. Of one that could not be opened nobody knows. */
  moves(name: string): boolean {
    const device = this.#open.get(name);
    return device ? isMovable(device) || isStoppable(device) : this.#failed.has(name);
  }

  /** Stops what moves and lets go of the hardware. Twice without harm. */
  close(): Promise<void> {
    this.#changes.close();
    return this.#closers.close();
  }

  #stateOf(name: string): DeviceState | undefined {
    const device = this.#open.get(name);
    return device ? stateOf(device) : this.#failed.get(name);
  }

  #tell(name: string): void {
    const device = this.#open.get(name);
    if (device) this.#changes.tell(device);
  }

  #noDevice(name: string): Device {
    return new Proxy<Device>(
      { name, driver: "", capabilities: [] },
      {
        get: (_, property) => (typeof property === "string" ? this.#unknown(name) : undefined),
      },
    );
  }

  #unknown(device: string): never {
    const near = nearest(device, this.#names);
    const hint = near.length > 0 ? `Did you mean ${near.join(" or ")}? ` : "";
    throw new RuntimeError("UNKNOWN_DEVICE", { device, near, hint });
  }
}

function explain(error: unknown): { problem: string; remedy: string } {
  if (!isRuntimeError(error))
    return { problem: sentenceOf(error), remedy: "Check the device and its entry in the device profile." };
  const { problem, remedy } = error.details;
  return {
    problem: typeof problem === "string" && error.code === "DEVICE_FAILED" ? problem : error.message,
    remedy: typeof remedy === "string" ? remedy : error.remediation,
  };
}
