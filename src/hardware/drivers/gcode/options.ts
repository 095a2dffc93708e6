// What the devices of a G-code controller take in a profile. Light to import: the driver itself loads when it is used.
import { z } from "zod";

/** In the order in which Grbl reports them. */
export const letters = ["X", "Y", "Z", "A", "B", "C"] as const;
export type Letter = (typeof letters)[number];

/** The same in every device of one controller. */
const controller = {
  port: z
    .string()
    .regex(
      /^(tcp:\/\/[^\s/:]+:\d{1,5}|\/\S+|COM\d+)$/,
      "Invalid port: expected '/dev/…' or 'tcp://host:port'",
    )
    .describe("Where the controller is: a serial port as /dev/serial/by-id/…, or tcp://host:port"),
  firmware: z
    .enum(["grbl", "marlin"])
    .default("grbl")
    .describe("What the controller runs: Grbl 1.1 or Marlin"),
  baud_rate: z.int().min(1200).max(4_000_000).default(115_200).describe("Of a serial port"),
  timeout_seconds: z
    .number()
    .positive()
    .max(3600)
    .default(10)
    .describe("How long it may take to answer, and a move longer than planned"),
};

const axis = {
  ...controller,
  letter: z.enum(letters).describe("The axis of the controller"),
  homing_timeout_seconds: z.number().positive().max(3600).default(120).describe("How long homing may take"),
};

export const gcodeAxisOptions = z
  .strictObject({
    driver: z.literal("gcode_axis"),
    ...axis,
    min_degrees: z.number().default(0).describe("In the controller's machine coordinates"),
    max_degrees: z.number().default(360),
    is_continuous: z.boolean().default(false).describe("0 and 360 are the same place; no limits"),
    home_degrees: z
      .number()
      .optional()
      .describe("Where it goes once it is homed; default: where homing ends"),
    top_speed_degrees_per_s: z.number().positive().optional().describe("Default: the controller's"),
  })
  .describe("An axis of a Grbl or Marlin controller that turns; its unit is a degree");

export const gcodeLinearAxisOptions = z
  .strictObject({
    driver: z.literal("gcode_linear_axis"),
    ...axis,
    min_um: z.number().describe("In the controller's machine coordinates"),
    max_um: z.number(),
    home_um: z.number().optional().describe("Where it goes once it is homed; default: where homing ends"),
    top_speed_um_per_s: z.number().positive().optional().describe("Default: the controller's"),
  })
  .describe("An axis of a Grbl or Marlin controller that slides; its unit is a millimetre");

const output = z
  .string()
  .max(60)
  .regex(/^M\d+( ?[A-Z]-?\d+(\.\d+)?)*$/, "Invalid command: expected an M code as in 'M3 S1000'");

export const gcodeSwitchOptions = z
  .strictObject({
    driver: z.literal("gcode_switch"),
    ...controller,
    turn_on: output.describe("The M code that turns it on, as M3 S1000 or M8"),
    turn_off: output.describe("The M code that turns it off, as M5 or M9"),
  })
  .describe("An output of a Grbl or Marlin controller: spindle, laser, coolant, fan");

export type GcodeAxisOptions = z.output<typeof gcodeAxisOptions>;
export type GcodeLinearAxisOptions = z.output<typeof gcodeLinearAxisOptions>;
export type GcodeSwitchOptions = z.output<typeof gcodeSwitchOptions>;
export type ControllerOptions = Pick<GcodeSwitchOptions, keyof typeof controller>;
