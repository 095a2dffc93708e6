// What a task asks for that stays with the runtime's own machine: it is told so at its first use.
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { Device } from "../../../task/devices.ts";
import type { Claims } from "../../../task/policy.ts";

const absent = (what: string): object => {
  const refuse = (): never => {
    throw new RuntimeError("NOT_IN_FLEET", { what });
  };
  return new Proxy({}, { get: refuse });
};

/** One for each name that is claimed. */
export const absentDevices = (uses: Claims): Record<string, Device> =>
  Object.fromEntries(Object.keys(uses).map((name) => [name, absent(`ctx.devices.${name}`) as Device]));

/** @param names of the services that stay with the runtime */
export const absentServices = (names: readonly string[]): Record<string, object> =>
  Object.fromEntries(names.map((name) => [name, absent(`ctx.services.${name}`)]));
