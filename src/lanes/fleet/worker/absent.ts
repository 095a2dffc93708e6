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

/** Those that keep documents; the others compute, wherever they are. */
export const absentServices = { projects: absent("ctx.services.projects") };
