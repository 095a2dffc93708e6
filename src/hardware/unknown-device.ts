// The refusal of a name that no device of the profile has.
import { RuntimeError } from "../errors/runtime-error.ts";
import { nearest } from "../lib/nearest.ts";

export function unknownDevice(device: string, known: Iterable<string>): RuntimeError {
  const near = nearest(device, known);
  const hint = near.length > 0 ? `Did you mean ${near.join(" or ")}? ` : "";
  return new RuntimeError("UNKNOWN_DEVICE", { device, nearest: near, hint });
}
