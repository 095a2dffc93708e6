// A device's place at its controller. Devices that name the same port share one.
import type { DriverContext } from "../../device.ts";
import { Controller, type Member } from "./controller.ts";
import { failed, ofDevice } from "./controller-error.ts";
import type { ControllerOptions } from "./options.ts";

export interface Seat {
  readonly controller: Controller;
  /** Called when the controller was lost. */
  onLost: () => void;
  /** Halts the controller once all its devices are stopped. @throws ControllerError where it is lost or does not obey */
  stop(): Promise<void>;
  release(): void;
  /** Twice without harm. */
  leave(): Promise<void>;
}

/** Opens the controller where nobody has, and makes the device there. @throws DEVICE_FAILED, DEVICE_TIMEOUT, OPTIONAL_PACKAGE_MISSING */
export async function seated<Device>(
  options: ControllerOptions,
  context: DriverContext,
  make: (seat: Seat) => Device | Promise<Device>,
): Promise<Device> {
  try {
    const seat = await take(options, context);
    try {
      return await make(seat);
    } catch (error) {
      await seat.leave();
      throw error;
    }
  } catch (error) {
    throw ofDevice(error, context.name);
  }
}

async function take(options: ControllerOptions, context: DriverContext): Promise<Seat> {
  const controller = await controllerOf(options, context);
  const member: Member = { isStopped: false, changed: context.changed, lost: () => seat.onLost() };
  const seat: Seat = {
    controller,
    onLost: () => undefined,
    stop: () => controller.stop(member),
    release: () => {
      member.isStopped = false;
    },
    leave: () => controller.leave(member),
  };
  await controller.join(member);
  return seat;
}

async function controllerOf(
  options: ControllerOptions,
  { shared, clock, log }: DriverContext,
): Promise<Controller> {
  const key = `gcode ${options.port}`;
  for (;;) {
    const known = shared.get(key);
    if (!(known instanceof Controller)) break;
    if (!known.gone) return agreeing(known, options);
    await known.gone;
    if (shared.get(key) === known) shared.delete(key);
  }
  const controller = new Controller(options, { clock, log });
  shared.set(key, controller);
  return controller;
}

function agreeing(controller: Controller, options: ControllerOptions): Controller {
  for (const key of ["firmware", "baud_rate", "timeout_seconds"] as const) {
    const [known, asked] = [controller.options[key], options[key]];
    if (known !== asked)
      throw failed(
        `its ${key} is ${asked}, and another device of ${options.port} says ${known}`,
        "Let all devices of one port agree in the profile.",
      );
  }
  return controller;
}
