// Finds libgpiod, and which of its two interfaces it has. Where there is no GPIO it says so, and what to do.
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import type { LibraryHandle } from "koffi";
import { RuntimeError } from "../../../errors/runtime-error.ts";
import { bindingOf1 } from "./binding-1.ts";
import { bindingOf2 } from "./binding-2.ts";
import { type Chip, type Gpio, GpioFailure } from "./lines.ts";

type Koffi = typeof import("koffi");

/** libgpiod.so.3 is version 2 of the library, libgpiod.so.2 is version 1.6. */
const files = ["libgpiod.so.3", "libgpiod.so.2", "libgpiod.so"];

/** Where a driver's pins are, and for whom they are wanted. */
export interface GpioPlace {
  readonly device: string;
  readonly chip: string;
  /** The library's file, where it is not one of the usual ones. */
  readonly library?: string | undefined;
}

/** @throws DEVICE_FAILED */
export function loadGpio({ device, library: file }: Omit<GpioPlace, "chip">): Gpio {
  let koffi: Koffi;
  try {
    koffi = createRequire(import.meta.url)("koffi");
  } catch (error) {
    throw refusal(device, `koffi is not installed: ${(error as Error).message}`, "npm install koffi");
  }
  const complaints: string[] = [];
  for (const candidate of file === undefined ? files : [file]) {
    let library: LibraryHandle;
    try {
      library = koffi.load(candidate);
    } catch (error) {
      complaints.push(`${candidate}: ${(error as Error).message}`);
      continue;
    }
    if (has(library, "gpiod_line_request_set_value")) return bindingOf2(library, koffi.errno);
    if (has(library, "gpiod_version_string")) return bindingOf1(library, koffi.errno);
    complaints.push(`${candidate} is no libgpiod 1.6 or 2`);
  }
  throw refusal(
    device,
    `libgpiod cannot be loaded: ${complaints.join("; ")}`,
    process.platform === "linux"
      ? "Install it (apt install libgpiod3, libgpiod2 on Debian 12), or give its file as 'library' in the device profile."
      : "GPIO is there on Linux only.",
  );
}

function has(library: LibraryHandle, symbol: string): boolean {
  try {
    library.symbol(symbol, "void *");
    return true;
  } catch {
    return false;
  }
}

/** `gpiochip0` is `/dev/gpiochip0`. */
const pathOfChip = (chip: string): string => (chip.startsWith("/") ? chip : `/dev/${chip}`);

/** Opens the chip and takes pins of it; where that fails nothing is held. @throws DEVICE_FAILED with what to do */
export function takePins<T>(place: GpioPlace, take: (chip: Chip) => T): { chip: Chip; pins: T } {
  return failingClearly(place, () => {
    const chip = loadGpio(place).openChip(pathOfChip(place.chip));
    try {
      return { chip, pins: take(chip) };
    } catch (error) {
      chip.close();
      throw error;
    }
  });
}

/** What libgpiod refuses, as a failure of the device. @throws DEVICE_FAILED */
export function failingClearly<T>(place: GpioPlace, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw error instanceof GpioFailure ? refusalOf(error, place) : error;
  }
}

function refusalOf({ errno, pin, message }: GpioFailure, { device, chip }: GpioPlace): RuntimeError {
  const path = pathOfChip(chip);
  const { ENOENT, EACCES, EPERM, EBUSY, EINVAL } = os.constants.errno;
  const what = pin === null ? path : `pin ${pin} of ${path}`;
  if (errno === ENOENT)
    return refusal(
      device,
      `there is no ${path}`,
      `There ${present()}; name one of them as 'chip' in the device profile.`,
    );
  if (errno === EACCES || errno === EPERM)
    return refusal(
      device,
      `${what} may not be used by this user`,
      "Add the user to the group gpio, then log in again.",
    );
  if (errno === EBUSY)
    return refusal(
      device,
      `${what} is in use`,
      "gpioinfo shows who has it: another program, or another device of the profile.",
    );
  if (errno === EINVAL && pin !== null)
    return refusal(
      device,
      `there is no ${what}, or it cannot be used so`,
      "gpioinfo lists the lines of each chip.",
    );
  return refusal(device, `${what} cannot be used: ${message}`, "gpioinfo lists the lines of each chip.");
}

function present(): string {
  const chips = readdirSync("/dev").filter((name) => name.startsWith("gpiochip"));
  if (chips.length === 0) return "is no GPIO chip on this machine, /dev/gpiochip*";
  return `is ${chips.map((name) => `/dev/${name}`).join(", ")}`;
}

const refusal = (device: string, problem: string, remedy: string): RuntimeError =>
  new RuntimeError("DEVICE_FAILED", { device, problem, remedy });
