// What the devices on GPIO pins take in a profile. Light to import: the drivers themselves load when they are used.
import { z } from "zod";
import { checkMotor, motor, pin, place, toward } from "./motor-options.ts";

export const gpioAxisOptions = z
  .strictObject({
    driver: z.literal("gpio_axis"),
    ...motor,
    steps_per_turn: z
      .number()
      .positive()
      .describe("Of the axis: the motor's steps times its microsteps times the gear"),
    min_degrees: z.number().default(0),
    max_degrees: z.number().default(360),
    is_continuous: z.boolean().default(false).describe("0 and 360 are the same place; no limits"),
    home_degrees: z.number().default(0),
    start_degrees: z.number().optional().describe("Where it is taken to stand at power on; default: home"),
    top_speed_degrees_per_s: z.number().positive().default(30),
    acceleration_degrees_per_s2: z.number().positive().default(60),
    homing: z
      .strictObject({
        toward,
        at_degrees: z.number().describe("Where the axis stands when the switch closes"),
        speed_degrees_per_s: z.number().positive().default(5).describe("One from which it can stop at once"),
        back_off_degrees: z
          .number()
          .positive()
          .default(2)
          .describe("How far it goes back to find it anew, slowly"),
      })
      .optional(),
  })
  .check(({ value, issues }) =>
    checkMotor(
      value,
      {
        unit: "degrees",
        min: value.is_continuous ? 0 : value.min_degrees,
        max: value.is_continuous ? 360 : value.max_degrees,
        home: value.home_degrees,
        stepsPerS: (value.top_speed_degrees_per_s * value.steps_per_turn) / 360,
      },
      issues,
    ),
  )
  .describe("An axis that turns: a stepper motor behind a step and direction driver");

export const gpioLinearAxisOptions = z
  .strictObject({
    driver: z.literal("gpio_linear_axis"),
    ...motor,
    steps_per_mm: z
      .number()
      .positive()
      .describe("Of the axis: the motor's steps a turn by the lead of its screw"),
    min_um: z.number(),
    max_um: z.number(),
    home_um: z.number().default(0),
    start_um: z.number().optional().describe("Where it is taken to stand at power on; default: home"),
    top_speed_um_per_s: z.number().positive().default(5000),
    acceleration_um_per_s2: z.number().positive().default(20_000),
    homing: z
      .strictObject({
        toward,
        at_um: z.number().describe("Where the axis stands when the switch closes"),
        speed_um_per_s: z.number().positive().default(1000).describe("One from which it can stop at once"),
        back_off_um: z
          .number()
          .positive()
          .default(1000)
          .describe("How far it goes back to find it anew, slowly"),
      })
      .optional(),
  })
  .check(({ value, issues }) =>
    checkMotor(
      value,
      {
        unit: "um",
        min: value.min_um,
        max: value.max_um,
        home: value.home_um,
        stepsPerS: (value.top_speed_um_per_s * value.steps_per_mm) / 1000,
      },
      issues,
    ),
  )
  .describe("An axis that slides: a stepper motor behind a step and direction driver");

export const gpioSwitchOptions = z
  .strictObject({
    driver: z.literal("gpio_switch"),
    ...place,
    pins: z.array(pin).min(1).max(16).describe("Switched together"),
    is_active_low: z.boolean().default(false),
    is_on_at_start: z.boolean().default(false),
  })
  .describe("A lamp, a relay, a fan on one or more pins");

const delay = z.number().min(0).max(60_000).default(0);

export const gpioTriggerOptions = z
  .strictObject({
    driver: z.literal("gpio_trigger"),
    ...place,
    pin,
    is_active_low: z.boolean().default(false),
    pulse_ms: z.number().min(1).max(5000).default(100),
    before_ms: delay.describe("Waits so long before the pulse"),
    after_ms: delay.describe("Waits so long after the pulse, for the exposure say"),
  })
  .describe("A pulse on a pin: the remote release of a camera");

export type GpioAxisOptions = z.output<typeof gpioAxisOptions>;
export type GpioLinearAxisOptions = z.output<typeof gpioLinearAxisOptions>;
export type GpioSwitchOptions = z.output<typeof gpioSwitchOptions>;
export type GpioTriggerOptions = z.output<typeof gpioTriggerOptions>;
