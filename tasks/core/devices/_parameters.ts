// What the tasks of single devices have in common in their parameters.
import { type Device, z } from "armature/task";

type Capability = Device["capabilities"][number];

/** A device of the profile by its name; one that cannot do this is refused with the submit. */
export const deviceThatIs = (capability: Capability, what: string) =>
  z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, "expected the name of a device, in snake_case")
    .meta({ device: capability, description: what });
