// What a controller says or does not say, before it is known which device asked.
import type { ErrorCode } from "../../../errors/catalogue.ts";
import { RuntimeError } from "../../../errors/runtime-error.ts";
import type { Trouble } from "../../device.ts";

export class ControllerError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, details: Record<string, unknown> = {}) {
    super(`${code}: ${JSON.stringify(details)}`);
    this.code = code;
    this.details = details;
  }
}

/** @param remedy `{device}` in it becomes the device's name */
export const failed = (problem: string, remedy: string, more: object = {}): ControllerError =>
  new ControllerError("DEVICE_FAILED", { problem, remedy, ...more });

export const noAnswer = (seconds: number): ControllerError =>
  new ControllerError("DEVICE_TIMEOUT", { timeout_seconds: seconds });

/** The same as the error of one device; whatever else was thrown is given back. @param place where it stands and where it was going */
export function ofDevice(error: unknown, device: string, place: object = {}): unknown {
  if (!(error instanceof ControllerError)) return error;
  const { remedy, ...details } = error.details;
  const named = typeof remedy === "string" ? { remedy: naming(remedy, device) } : {};
  return new RuntimeError(error.code, { ...place, ...details, ...named, device });
}

/** @returns what a device of this name shows of it */
export const troubleOf = (error: ControllerError, device: string): Trouble => {
  const { problem, remedy } = error.details;
  if (typeof problem === "string" && typeof remedy === "string")
    return { problem, remedy: naming(remedy, device) };
  const whole = ofDevice(error, device) as RuntimeError;
  return { problem: whole.message, remedy: whole.remediation };
};

const naming = (text: string, device: string): string => text.replaceAll("{device}", device);
