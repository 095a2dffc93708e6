// A device as one task sees it: every call that waits is given the task's signal, so that a cancel stops the motor;
// after an emergency stop no call that moves it gets as far as its driver.
import type { Device, WaitOptions } from "../task/devices.ts";
import { wrongArgument } from "./arguments.ts";

/** Where each of the capabilities' methods takes its options; other methods are called as they are. */
const optionsAt: Record<string, number> = {
  moveTo: 1,
  home: 0,
  capture: 0,
  focusAt: 1,
  autofocus: 0,
  readPowerUw: 0,
  trigger: 0,
};
const moves = new Set<PropertyKey>(["moveTo", "home"]);

export interface Binding {
  /** That of the task, at the moment of a call. */
  readonly signal: () => AbortSignal;
  /** Why the device must not move just now, or null. */
  readonly refusal: () => Error | null;
  /** A call has ended: null where it succeeded. */
  readonly called: (error: unknown) => void;
}

export function boundTo(device: Device, { signal, refusal, called }: Binding): Device {
  return new Proxy(device, {
    get(target, property) {
      // Read with the device itself as receiver: its private fields are not the proxy's.
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      const position = typeof property === "string" ? optionsAt[property] : undefined;
      return (...given: unknown[]) => {
        const refused = moves.has(property) ? refusal() : null;
        if (refused) return Promise.reject(refused);
        const wrong = position === undefined ? null : wrongArgument(given, position);
        if (wrong) return Promise.reject(new TypeError(`${device.name}.${String(property)}: ${wrong}`));
        if (position !== undefined) given[position] = heeding(signal(), given[position] as WaitOptions);
        const answer: unknown = value.apply(target, given);
        return answer instanceof Promise ? noted(answer, called) : answer;
      };
    },
    ...untouchable,
  });
}

/** The device is everybody's: a task reads and calls, it changes nothing. */
const untouchable = {
  set: () => false,
  defineProperty: () => false,
  deleteProperty: () => false,
  setPrototypeOf: () => false,
  preventExtensions: () => false,
} as const;

/** For a name that tasks agree on: nothing can be done with it. @param refuse throws */
export function noDevice(name: string, refuse: () => unknown): Device {
  const get = (_: Device, property: PropertyKey): unknown =>
    typeof property === "string" ? refuse() : undefined;
  return new Proxy<Device>({ name, driver: "", capabilities: [] }, { get });
}

/** A signal of the caller's own ends the call, too. */
function heeding(signal: AbortSignal, given: WaitOptions | undefined): WaitOptions {
  return { ...given, signal: given?.signal ? AbortSignal.any([given.signal, signal]) : signal };
}

async function noted(answer: Promise<unknown>, called: (error: unknown) => void): Promise<unknown> {
  try {
    const value = await answer;
    called(null);
    return value;
  } catch (error) {
    called(error);
    throw error;
  }
}
