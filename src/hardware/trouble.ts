// What is wrong with a device, and what helps, as a person is told.
import { isRuntimeError, sentenceOf } from "../errors/runtime-error.ts";
import type { Trouble } from "./device.ts";

export const opening: Trouble = { problem: "it is being opened", remedy: "Try again in a moment." };

const marking: ReadonlySet<string> = new Set(["DEVICE_TIMEOUT", "DEVICE_FAILED", "LIMIT_HIT"]);

/** Every other error tells of what was asked of it. */
export const tellsOfDevice = (error: unknown): boolean => isRuntimeError(error) && marking.has(error.code);

export function troubleOf(error: unknown): Trouble {
  const remedy = "Check the device and its entry in the device profile.";
  if (!isRuntimeError(error)) return { problem: sentenceOf(error), remedy };
  const { problem, remedy: own } = error.details;
  const isFailed = error.code === "DEVICE_FAILED";
  return {
    problem: typeof problem === "string" && isFailed ? problem : error.message,
    // The remedy of every failed device stands behind this one once it is told.
    remedy: typeof own === "string" ? own : isFailed ? remedy : error.remediation,
  };
}
