// The refusal of what would take a device from somebody who has it, or comes to have it first.
import { RuntimeError } from "../../errors/runtime-error.ts";

/**
 * @param holder the id of a task; of what else holds names there is none
 * @param hint for the remedy, with a space in front
 */
export const deviceClaimed = (device: string, holder: string | null, hint = ""): RuntimeError =>
  new RuntimeError("DEVICE_CLAIMED", {
    ...{ device, hint, task_id: holder },
    claimant: holder === null ? "something else that is under way" : `task ${holder}`,
  });
