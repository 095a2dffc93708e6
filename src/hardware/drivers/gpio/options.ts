// What the devices on GPIO pins take in a profile. Light to import: the drivers themselves load when they are used.
import { z } from "zod";

const pin = z
  .int()
  .min(0)
  .max(1023)
  .describe("The line's number on its chip; on a Raspberry Pi the BCM number");

const place = {
  chip: z.string().min(1).default("gpiochip0").describe("The chip, as gpiodetect lists it"),
  library: z.string().min(1).optional().describe("libgpiod's file, where it lies elsewhere"),
};

const switchInput = z
  .strictObject({
    pin,
    is_active_low: z.boolean().default(true).describe("Closed, it pulls the pin to ground"),
    bias: z.enum(["pull_up", "pull_down", "disabled", "as_is"]).default("pull_up"),
  })
  .describe("A switch on a pin");

/** What both kinds of axes take. */
const motor = {
  ...place,
  step_pin: pin,
  direction_pin: pin,
  enable_pin: pin.optional(),
  is_enable_active_low: z.boolean().default(true),
  is_direction_inverted: z.boolean().default(false),
  pulse_us: z.number().min(1).max(1000).default(5).describe("How long a step pulse is; see the motor driver"),
  direction_setup_us: z
    .number()
    .min(0)
    .max(10_000)
    .default(20)
    .describe("From a new direction to the first step"),
  min_switch: switchInput.optional().describe("Ends every motion downwards at once"),
  max_switch: switchInput.optional().describe("Ends every motion upwards at once"),
  home_switch: switchInput.optional().describe("Only for homing; motions pass it"),
  timeout_seconds: z
    .number()
    .positive()
    .max(3600)
    .default(5)
    .describe("A stepping process that says nothing for so long on a move is ended"),
};

const toward = z
  .enum(["min", "max"])
  .describe("Which way its switch is: the home switch, else the end switch on that side");

/** More cannot be made in even intervals by a program; see docs/gpio.md. */
const mostStepsPerS = 20_000;

interface MotorOptions {
  readonly pulse_us: number;
  readonly homing?: { readonly toward: "min" | "max" } | undefined;
  readonly home_switch?: unknown;
  readonly min_switch?: unknown;
  readonly max_switch?: unknown;
}

/** @param stepsPerS at the axis' top speed */
function checkMotor(options: MotorOptions, stepsPerS: number, issues: unknown[]): void {
  const complain = (path: string[], message: string): unknown =>
    issues.push({ code: "custom", path, input: options, message });
  if (stepsPerS > mostStepsPerS)
    complain([], `its top speed is ${Math.ceil(stepsPerS)} steps/s; expected at most ${mostStepsPerS}`);
  if (stepsPerS * options.pulse_us * 2 > 1e6)
    complain(
      ["pulse_us"],
      `at top speed there are ${Math.floor(1e6 / stepsPerS)} µs for a step; expected half of it`,
    );
  const { homing } = options;
  if (homing && !options.home_switch && !options[`${homing.toward}_switch`])
    complain(["homing"], `there is no switch to find; expected a home_switch or a ${homing.toward}_switch`);
}

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
    checkMotor(value, (value.top_speed_degrees_per_s * value.steps_per_turn) / 360, issues),
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
    checkMotor(value, (value.top_speed_um_per_s * value.steps_per_mm) / 1000, issues),
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
export type GpioMotorOptions = Pick<GpioAxisOptions, keyof typeof motor>;
