// An axis that slides, on GPIO pins.
import type { LinearAxis } from "../../../task/devices.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { Drive } from "./drive.ts";
import { GpioMotor, type MotorOptions } from "./motor.ts";
import type { GpioLinearAxisOptions } from "./options.ts";
import { scaleOf } from "./scale.ts";
import { wiringOf } from "./wiring.ts";

export class GpioLinearAxis extends GpioMotor implements LinearAxis {
  readonly unit = "um";
  readonly limits;
  readonly travel;
  readonly homeUm: number;

  constructor(options: MotorOptions, context: DriverContext, drive: Drive) {
    super(options, context, drive);
    const { min, max, topSpeed, acceleration } = options;
    this.limits = { minUm: min, maxUm: max };
    this.travel = { topSpeedUmPerS: topSpeed, accelerationUmPerS2: acceleration };
    this.homeUm = options.home;
  }

  get positionUm(): number {
    return this.position;
  }

  moveTo(positionUm: number, options: Parameters<LinearAxis["moveTo"]>[1] = {}): Promise<void> {
    return this.goTo(positionUm, options.speedUmPerS, options.signal);
  }
}

export async function open(options: GpioLinearAxisOptions, context: DriverContext): Promise<OpenDevice> {
  const { min_um: min, max_um: max, home_um: home, start_um: start = home, homing } = options;
  const scale = scaleOf(options.steps_per_mm, 1000);
  const motor: MotorOptions = {
    ...{ unit: "um", scale, min, max, isContinuous: false, home, start },
    topSpeed: options.top_speed_um_per_s,
    acceleration: options.acceleration_um_per_s2,
    timeoutSeconds: options.timeout_seconds,
    homing: homing
      ? {
          switch: options.home_switch ? "home" : homing.toward,
          toward: homing.toward,
          at: homing.at_um,
          speed: homing.speed_um_per_s,
          backOff: homing.back_off_um,
        }
      : null,
  };
  const wiring = wiringOf(context.name, options);
  return new GpioLinearAxis(motor, context, await Drive.start(context, wiring, scale.toSteps(start)));
}
