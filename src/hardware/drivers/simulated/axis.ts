// A simulated axis that turns.
import type { RotaryAxis } from "../../../task/devices.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { SimulatedMotor } from "./motor.ts";
import type { AxisOptions } from "./options.ts";

export class SimulatedAxis extends SimulatedMotor implements RotaryAxis {
  readonly unit = "degrees";
  readonly limits;
  readonly travel;
  readonly homeDegrees: number;

  constructor(options: AxisOptions, context: DriverContext) {
    const { is_continuous: isContinuous, home_degrees: home, start_degrees: start = home } = options;
    const [min, max] = isContinuous ? [0, 360] : [options.min_degrees, options.max_degrees];
    const topSpeed = options.top_speed_degrees_per_s;
    const acceleration = options.acceleration_degrees_per_s2;
    super(
      {
        ...{ unit: "degrees", min, max, isContinuous, home, start, topSpeed, acceleration },
        timeoutSeconds: options.timeout_seconds,
        faults: options.faults,
      },
      context,
    );
    this.homeDegrees = home;
    this.limits = { minDegrees: min, maxDegrees: max };
    this.travel = { topSpeedDegreesPerS: topSpeed, accelerationDegreesPerS2: acceleration, isContinuous };
  }

  get angleDegrees(): number {
    return this.position;
  }

  moveTo(angleDegrees: number, options: Parameters<RotaryAxis["moveTo"]>[1] = {}): Promise<void> {
    return this.goTo(angleDegrees, options.speedDegreesPerS, options.signal);
  }
}

export const open = async (options: AxisOptions, context: DriverContext): Promise<OpenDevice> =>
  new SimulatedAxis(options, context);
