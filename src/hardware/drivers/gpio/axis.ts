// An axis that turns, on GPIO pins.
import type { RotaryAxis } from "../../../task/devices.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { Drive } from "./drive.ts";
import { GpioMotor, type MotorOptions } from "./motor.ts";
import type { GpioAxisOptions } from "./options.ts";
import { scaleOf } from "./scale.ts";
import { wiringOf } from "./wiring.ts";

export class GpioAxis extends GpioMotor implements RotaryAxis {
  readonly unit = "degrees";
  readonly limits;
  readonly travel;
  readonly homeDegrees: number;

  constructor(options: MotorOptions, context: DriverContext, drive: Drive) {
    super(options, context, drive);
    const { min, max, topSpeed, acceleration, isContinuous } = options;
    this.limits = { minDegrees: min, maxDegrees: max };
    this.travel = { topSpeedDegreesPerS: topSpeed, accelerationDegreesPerS2: acceleration, isContinuous };
    this.homeDegrees = options.home;
  }

  get angleDegrees(): number {
    return this.position;
  }

  moveTo(angleDegrees: number, options: Parameters<RotaryAxis["moveTo"]>[1] = {}): Promise<void> {
    return this.goTo(angleDegrees, options.speedDegreesPerS, options.signal);
  }
}

export async function open(options: GpioAxisOptions, context: DriverContext): Promise<OpenDevice> {
  const { is_continuous: isContinuous, home_degrees: home, start_degrees: start = home, homing } = options;
  const [min, max] = isContinuous ? [0, 360] : [options.min_degrees, options.max_degrees];
  const scale = scaleOf(options.steps_per_turn, 360);
  const motor: MotorOptions = {
    ...{ unit: "degrees", scale, min, max, isContinuous, home, start },
    topSpeed: options.top_speed_degrees_per_s,
    acceleration: options.acceleration_degrees_per_s2,
    timeoutSeconds: options.timeout_seconds,
    homing: homing
      ? {
          switch: options.home_switch ? "home" : homing.toward,
          toward: homing.toward,
          at: homing.at_degrees,
          speed: homing.speed_degrees_per_s,
          backOff: homing.back_off_degrees,
        }
      : null,
  };
  const wiring = wiringOf(context.name, options);
  return new GpioAxis(motor, context, await Drive.start(context, wiring, scale.toSteps(start)));
}
