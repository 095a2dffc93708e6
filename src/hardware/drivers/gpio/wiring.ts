// From an axis' entry in the profile to the wiring of its motor, as its stepping process wants it.
import type { GpioMotorOptions } from "./motor-options.ts";
import type { MotorWiring, SwitchPin } from "./stepping/orders.ts";

export function wiringOf(device: string, options: GpioMotorOptions): MotorWiring {
  return {
    device,
    chip: options.chip,
    library: options.library,
    step: options.step_pin,
    direction: options.direction_pin,
    isDirectionInverted: options.is_direction_inverted,
    enable:
      options.enable_pin === undefined
        ? null
        : { pin: options.enable_pin, isActiveLow: options.is_enable_active_low },
    switches: {
      min: switchPin(options.min_switch),
      max: switchPin(options.max_switch),
      home: switchPin(options.home_switch),
    },
    pulseUs: options.pulse_us,
    directionSetupUs: options.direction_setup_us,
  };
}

const switchPin = (wired: GpioMotorOptions["min_switch"]): SwitchPin | null =>
  wired ? { pin: wired.pin, isActiveLow: wired.is_active_low, bias: wired.bias } : null;
