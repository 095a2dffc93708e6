// What the tasks of single devices have in common in their parameters.
import { z } from "armature/task";

/** A device of the profile by its name. */
export const deviceName = (what: string) =>
  z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, "expected the name of a device, in snake_case")
    .describe(what);
