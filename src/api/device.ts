// A device as the wire shows it: one schema for all answers.
import { z } from "zod";
import { deviceStates } from "../hardware/device.ts";
import { capabilities } from "../task/devices.ts";

const rotaryLimits = z.strictObject({
  min_degrees: z.number(),
  max_degrees: z.number(),
  is_continuous: z.boolean().describe("0 and 360 are the same place; it takes the shorter way."),
});
const linearLimits = z.strictObject({ min_um: z.number(), max_um: z.number() });
const focusLimits = z.strictObject({ min_dioptres: z.number(), max_dioptres: z.number() });

export const deviceSchema = z
  .strictObject({
    name: z.string(),
    driver: z.string(),
    capabilities: z.array(z.enum(capabilities)),
    state: z.enum(deviceStates).describe("`gone`: another profile took its place; told, never listed."),
    doing: z.string().nullable().describe("What it does right now."),
    angle_degrees: z.number().nullable().describe("Of an axis that turns."),
    position_um: z.number().nullable().describe("Of an axis that slides."),
    limits: z.union([rotaryLimits, linearLimits, focusLimits]).nullable(),
    home_degrees: z.number().nullable(),
    home_um: z.number().nullable(),
    top_speed_degrees_per_s: z.number().nullable(),
    top_speed_um_per_s: z.number().nullable(),
    is_homed: z.boolean().nullable(),
    is_moving: z.boolean().nullable(),
    is_on: z.boolean().nullable(),
    focus_dioptres: z
      .number()
      .nullable()
      .describe("Where a lens was told to focus; null while the camera finds it by itself."),
    power_uw: z.number().nullable().describe("What was measured last, in microwatts."),
    problem: z.string().nullable().describe("Why it could not be opened or does not answer."),
    remedy: z.string().nullable(),
  })
  .meta({ id: "Device", description: "A device; fields it does not have are null." });
