// Devices.
import type { CatalogueEntry } from "../entry.ts";

export const devices = {
  DEVICE_TIMEOUT: {
    kind: "unavailable",
    sentence: "{device} did not answer within {timeout_seconds} seconds.",
    remedy: "Check its cable and power; GET /devices/{device} shows its state.",
  },
  DEVICE_FAILED: {
    kind: "unavailable",
    sentence: "{device} failed: {problem}",
    remedy: "{remedy} GET /devices/{device} shows its state; armature doctor checks all of them.",
  },
  DEVICE_BUSY: {
    kind: "conflict",
    sentence: "{device} is already doing something: {doing}.",
    remedy: "Wait for it or stop it first.",
  },
  DEVICE_CLAIMED: {
    kind: "conflict",
    sentence: "{device} is claimed by {claimant}.",
    remedy: "Wait until that has ended, or cancel it.{hint}",
  },
  OUT_OF_LIMITS: {
    kind: "invalid",
    sentence: "{device} cannot go to {target}: its limits are {limits}.",
    remedy: "Choose a target inside the limits; nothing has moved.",
  },
  NOT_HOMED: {
    kind: "conflict",
    sentence: "{device} does not know where it stands, and moves nowhere before it is homed.",
    remedy: "Home it, when its way is free.",
  },
  LIMIT_HIT: {
    kind: "conflict",
    sentence: "{device} ran into its end switch at {position}.",
    remedy: "Home it, so that it knows again where it stands; then check its limits in the device profile.",
  },
  STOPPED: {
    kind: "conflict",
    sentence: "{device} was stopped and refuses to move.",
    remedy:
      "After an emergency stop release it (POST /queue/resume) once it is safe; where it was stopped alone, submit the task again.",
  },
  DEVICE_LACKS: {
    kind: "invalid",
    sentence: "{device} cannot {capability}.",
    remedy: "GET /devices/{device} lists what it can do.",
  },
  NO_SIGNAL: {
    kind: "task",
    sentence:
      "No light was found: the most was {best_power_uw} µW, where the noise is {noise_uw} µW. Searched: {searched}.",
    remedy:
      "Check that the light is on and reaches the power meter; bring the axes nearer by hand, or search a wider range.",
  },
  NO_FOCUS: {
    kind: "task",
    sentence:
      "No focus was found: the sharpest photo is no sharper than the others ({sharpest} against {least}). Searched: {searched}.",
    remedy:
      "Check that there is light and something to see under the lens; bring the focus nearer by hand, or search a wider range.",
  },
} as const satisfies Record<string, CatalogueEntry>;
