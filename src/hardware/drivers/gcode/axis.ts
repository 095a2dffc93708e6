// An axis of a G-code controller that turns.
import type { Homeable, RotaryAxis, Stoppable } from "../../../task/devices.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { GcodeMotor } from "./motor.ts";
import type { GcodeAxisOptions } from "./options.ts";
import { type Seat, seated } from "./seat.ts";

class GcodeAxis extends GcodeMotor implements RotaryAxis, Homeable, Stoppable {
  readonly unit = "degrees";
  readonly limits;
  readonly travel;

  constructor(options: GcodeAxisOptions, seat: Seat, context: DriverContext) {
    const { is_continuous: isContinuous, home_degrees: home, top_speed_degrees_per_s: topSpeed } = options;
    const [min, max] = isContinuous ? [0, 360] : [options.min_degrees, options.max_degrees];
    super({ ...options, unit: "degrees", perUnit: 1, min, max, isContinuous, home, topSpeed }, seat, context);
    this.limits = { minDegrees: min, maxDegrees: max };
    this.travel = {
      topSpeedDegreesPerS: this.topSpeed,
      accelerationDegreesPerS2: this.acceleration,
      isContinuous,
    };
  }

  get angleDegrees(): number {
    return this.position;
  }

  get homeDegrees(): number | null {
    return this.homePosition;
  }

  moveTo(angleDegrees: number, options: Parameters<RotaryAxis["moveTo"]>[1] = {}): Promise<void> {
    return this.goTo(angleDegrees, options.speedDegreesPerS, options.signal);
  }
}

export const open = (options: GcodeAxisOptions, context: DriverContext): Promise<OpenDevice> =>
  seated(options, context, (seat) => new GcodeAxis(options, seat, context));
