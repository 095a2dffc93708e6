// What the tasks for the cloud ask for.
import { z } from "armature/task";

export const cloudToken = z
  .string()
  .min(1)
  .max(1000)
  .optional()
  .describe(
    "In place of the token in the settings. It stands in the task's record, for all to read who may read tasks",
  );
