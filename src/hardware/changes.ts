// Tells what changed about a device, and follows it while it moves. Knows no sockets.
import { isDeepStrictEqual } from "node:util";
import type { Clock, Timer } from "../lib/clock.ts";
import { type DeviceState, stateWithout } from "./device.ts";

/** @param changed the names of the fields that changed, as in `angle_degrees` */
export type OnDeviceChange = (state: DeviceState, changed: string[]) => void;

/** Messages about one device in any second. */
const most = 20;
/** Sixteen a second while it moves: what else happens meanwhile can be told at once. */
const followEveryMs = 62.5;

interface Followed {
  told: DeviceState | null;
  /** When it was told of last, the latest `most` times. */
  readonly toldAt: number[];
  /** Looks again. */
  timer: Timer | null;
}

export class DeviceChanges {
  readonly #clock: Clock;
  readonly #onChange: OnDeviceChange;
  readonly #followed = new Map<string, Followed>();
  #isClosed = false;

  constructor(clock: Clock, onChange: OnDeviceChange) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** How a device is: nobody has to be told, later changes are measured against it. */
  know(state: DeviceState): void {
    this.#of(state.name).told = state;
  }

  /** @param look how the device is; asked anew where it is told later */
  tell(name: string, look: () => DeviceState): void {
    const followed = this.#of(name);
    if (this.#isClosed) return;
    followed.timer?.cancel();
    followed.timer = null;
    const [first] = followed.toldAt;
    const wait =
      followed.toldAt.length < most || first === undefined ? 0 : first + 1000 - this.#clock.monotonic();
    if (wait > 0) this.#lookAgain(name, followed, look, wait);
    else this.#look(name, followed, look);
  }

  /** The profile has no such device any more. */
  gone({ name, driver }: DeviceState): void {
    this.#followed.get(name)?.timer?.cancel();
    this.#followed.delete(name);
    if (!this.#isClosed) this.#onChange(stateWithout({ name, driver }, "gone", null), ["state"]);
  }

  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#followed.values()) timer?.cancel();
    this.#followed.clear();
  }

  #look(name: string, followed: Followed, look: () => DeviceState): void {
    const state = look();
    const { told } = followed;
    const changed = Object.entries(state)
      .filter(([field, value]) => !told || !isDeepStrictEqual(value, Reflect.get(told, field)))
      .map(([field]) => field);
    followed.told = state;
    if (state.is_moving === true) this.#lookAgain(name, followed, look, followEveryMs);
    if (changed.length === 0) return;
    followed.toldAt.push(this.#clock.monotonic());
    if (followed.toldAt.length > most) followed.toldAt.shift();
    this.#onChange(state, changed);
  }

  #lookAgain(name: string, followed: Followed, look: () => DeviceState, ms: number): void {
    followed.timer = this.#clock.after(ms, () => {
      followed.timer = null;
      this.tell(name, look);
    });
  }

  #of(name: string): Followed {
    let followed = this.#followed.get(name);
    if (!followed) {
      followed = { told: null, toldAt: [], timer: null };
      this.#followed.set(name, followed);
    }
    return followed;
  }
}
