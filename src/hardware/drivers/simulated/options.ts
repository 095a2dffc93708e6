// What the simulated devices take in a profile. Light to import: the drivers themselves load when they are used.
import { z } from "zod";
import { faultOptions } from "./faults.ts";

const timeout = z.number().positive().max(3600);

export const axisOptions = z
  .strictObject({
    driver: z.literal("simulated_axis"),
    min_degrees: z.number().default(0),
    max_degrees: z.number().default(360),
    is_continuous: z.boolean().default(false).describe("0 and 360 are the same place; no limits"),
    home_degrees: z.number().default(90),
    start_degrees: z.number().optional().describe("Where it stands at power on; default: home"),
    top_speed_degrees_per_s: z.number().positive().default(90),
    acceleration_degrees_per_s2: z.number().positive().default(180),
    timeout_seconds: timeout.default(10).describe("How much longer than planned a move may take"),
    faults: faultOptions.optional(),
  })
  .describe("An axis that turns, with acceleration, top speed and limits");

export const linearAxisOptions = z
  .strictObject({
    driver: z.literal("simulated_linear_axis"),
    min_um: z.number().default(-1000),
    max_um: z.number().default(1000),
    home_um: z.number().default(0),
    start_um: z.number().optional().describe("Where it stands at power on; default: home"),
    top_speed_um_per_s: z.number().positive().default(1000),
    acceleration_um_per_s2: z.number().positive().default(5000),
    timeout_seconds: timeout.default(10).describe("How much longer than planned a move may take"),
    faults: faultOptions.optional(),
  })
  .describe("An axis that slides, with acceleration, top speed and limits");

export const lightOptions = z
  .strictObject({
    driver: z.literal("simulated_light"),
    switch_ms: z.number().min(0).default(5).describe("How long it takes to switch"),
    timeout_seconds: timeout.default(10).describe("How much longer than that switching may take"),
    faults: faultOptions.optional(),
  })
  .describe("A lamp");

/** What every camera without a real shutter takes. */
export const shutterOptions = {
  exposure_ms: z.number().positive().default(50).describe("Where a capture does not say"),
  gain: z.number().positive().default(1).describe("Where a capture does not say"),
  timeout_seconds: timeout.default(10).describe("How much longer than the exposure a capture may take"),
  faults: faultOptions.optional(),
};

export const cameraOptions = z
  .strictObject({
    driver: z.literal("simulated_camera"),
    rotor: z.string().default("rotor").describe("The device whose angle is the camera's height, 0 is above"),
    turntable: z.string().default("turntable").describe("The device that turns the object"),
    light: z.string().default("light").describe("The device that lights it"),
    width: z.int().min(128).max(4096).default(1024),
    height: z.int().min(128).max(4096).default(768),
    ...shutterOptions,
  })
  .describe("A camera that renders a pot as it stands right now");

export type AxisOptions = z.output<typeof axisOptions>;
export type LinearAxisOptions = z.output<typeof linearAxisOptions>;
export type LightOptions = z.output<typeof lightOptions>;
export type CameraOptions = z.output<typeof cameraOptions>;
export type ShutterOptions = Pick<CameraOptions, keyof typeof shutterOptions>;
