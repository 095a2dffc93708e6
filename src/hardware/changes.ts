// Tells what changed about a device, and follows it while it moves. Knows no sockets.
import { isDeepStrictEqual } from "node:util";
import type { Clock, Timer } from "../lib/clock.ts";
import { type DeviceState, type OpenDevice, stateOf } from "./device.ts";

/** @param changed the names of the fields that changed, as in `angle_degrees` */
export type OnDeviceChange = (state: DeviceState, changed: string[]) => void;

const followEveryMs = 200;

export class DeviceChanges {
  readonly #clock: Clock;
  readonly #onChange: OnDeviceChange;
  readonly #told = new Map<string, DeviceState>();
  readonly #following = new Map<string, Timer>();
  #isClosed = false;

  constructor(clock: Clock, onChange: OnDeviceChange) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** How a device is when it opens: nobody has to be told, later changes are measured against it. */
  know(device: OpenDevice): void {
    this.#told.set(device.name, stateOf(device));
  }

  tell(device: OpenDevice): void {
    if (this.#isClosed) return;
    const state = stateOf(device);
    const before = this.#told.get(device.name);
    const changed = Object.entries(state)
      .filter(([field, value]) => !before || !isDeepStrictEqual(value, Reflect.get(before, field)))
      .map(([field]) => field);
    this.#told.set(device.name, state);
    this.#follow(device, state.is_moving === true);
    if (changed.length > 0) this.#onChange(state, changed);
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of this.#following.values()) timer.cancel();
    this.#following.clear();
  }

  #follow(device: OpenDevice, isMoving: boolean): void {
    this.#following.get(device.name)?.cancel();
    this.#following.delete(device.name);
    if (isMoving)
      this.#following.set(
        device.name,
        this.#clock.after(followEveryMs, () => this.tell(device)),
      );
  }
}
