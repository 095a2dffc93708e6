// A device as one task sees it: every call that waits is given the task's signal, so that a cancel stops the motor;
// after an emergency stop no call that moves it gets as far as its driver.
import type { Device, WaitOptions } from "../task/devices.ts";

/** Where each of the capabilities' methods takes its options; other methods are called as they are. */
const optionsAt: Record<string, number> = { moveTo: 1, home: 0, capture: 0, readPowerUw: 0 };
const moves = new Set<PropertyKey>(["moveTo", "home"]);

/** @param refusal why the device must not move just now, or null */
export function boundTo(
  device: Device,
  signal: () => AbortSignal,
  refusal: (device: string) => Error | null,
): Device {
  return new Proxy(device, {
    get(target, property) {
      // Read with the device itself as receiver: its private fields are not the proxy's.
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      const position = typeof property === "string" ? optionsAt[property] : undefined;
      if (position === undefined) return value.bind(target);
      return (...given: unknown[]) => {
        const refused = moves.has(property) ? refusal(target.name) : null;
        if (refused) return Promise.reject(refused);
        const options: WaitOptions = { signal: signal(), ...(given[position] as WaitOptions | undefined) };
        given[position] = options;
        return value.apply(target, given);
      };
    },
  });
}
