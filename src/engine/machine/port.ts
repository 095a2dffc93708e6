// What the engine needs of the machine: devices by their names, as far as tasks claim, ask and leave them.
import type { Capability } from "../../task/devices.ts";

/** What became of one device in a stop. */
export interface DeviceStop {
  readonly name: string;
  /** It stands still. */
  readonly stopped: boolean;
  /** Why it does not, or why nobody knows. */
  readonly problem: string | null;
}

/** What a task will ask of one device, as far as its parameters say. */
export interface DeviceDemand {
  readonly device: string;
  /** Null where any device will do. */
  readonly capability: Capability | null;
  /** Where it is to go, in its own unit; null where nothing is said of that. */
  readonly position: number | null;
  /** Or how far from where it stands now. */
  readonly distance: number | null;
}

export interface Machine {
  /** Every device is told before this returns, and refuses to move from then on. Resolves in bounded time. */
  stop(): Promise<readonly DeviceStop[]>;
  /** The same for one, which refuses the tasks that have it now. @throws UNKNOWN_DEVICE */
  stopOne(name: string): Promise<DeviceStop>;
  /** They may move again; nothing moves by itself. */
  release(): void;
  /** Whether what is claimed under this name is, or may be, a device that moves. */
  moves(name: string): boolean;
  /** @throws UNKNOWN_DEVICE, DEVICE_FAILED, DEVICE_LACKS, OUT_OF_LIMITS where the device could not do it */
  check(demand: DeviceDemand): void;
  /** Their task has ended: stops what still moves of these, releases what it stopped. Null where there is nothing to do; else resolves in bounded time, never rejects. */
  settle(names: readonly string[]): Promise<unknown> | null;
}

/** For a runtime without devices. */
export const noMachine: Machine = {
  stop: async () => [],
  stopOne: async (name) => ({ name, stopped: true, problem: null }),
  release: () => undefined,
  moves: () => false,
  check: () => undefined,
  settle: () => null,
};
