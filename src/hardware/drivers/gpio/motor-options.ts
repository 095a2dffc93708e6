// What both kinds of axes on GPIO take in a profile, and what is checked of them. Light to import.
import { z } from "zod";

export const pin = z
  .int()
  .min(0)
  .max(1023)
  .describe("The line's number on its chip; on a Raspberry Pi the BCM number");

export const place = {
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
export const motor = {
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

export const toward = z
  .enum(["min", "max"])
  .describe("Which way its switch is: the home switch, else the end switch on that side");

/** More cannot be made in even intervals by a program; see docs/gpio.md. */
const mostStepsPerS = 20_000;

interface Travel {
  readonly unit: "degrees" | "um";
  readonly min: number;
  readonly max: number;
  readonly home: number;
  /** At the axis' top speed. */
  readonly stepsPerS: number;
}

interface MotorOptions {
  readonly pulse_us: number;
  readonly homing?: { readonly toward: "min" | "max" } | undefined;
  readonly home_switch?: unknown;
  readonly min_switch?: unknown;
  readonly max_switch?: unknown;
}

export function checkMotor(options: MotorOptions, travel: Travel, issues: unknown[]): void {
  const { unit, min, max, home, stepsPerS } = travel;
  const complain = (field: string, message: string): unknown =>
    issues.push({ code: "custom", path: [field], input: Reflect.get(options, field), message });
  if (min >= max) complain(`max_${unit}`, `it must be more than min_${unit}, which is ${min}`);
  else if (home < min || home > max) complain(`home_${unit}`, `it is outside the limits, ${min} to ${max}`);
  if (stepsPerS > mostStepsPerS)
    complain(
      `top_speed_${unit}_per_s`,
      `that is ${Math.ceil(stepsPerS)} steps/s, more than ${mostStepsPerS}`,
    );
  if (stepsPerS * options.pulse_us * 2 > 1e6)
    complain(
      "pulse_us",
      `it must be less than half of ${Math.floor(1e6 / stepsPerS)} µs, a step at top speed`,
    );
  const { homing } = options;
  if (homing && !options.home_switch && !options[`${homing.toward}_switch`])
    complain("homing", `there is no switch to find: it wants a home_switch or a ${homing.toward}_switch`);
}

export type GpioMotorOptions = z.output<z.ZodObject<typeof motor>>;
