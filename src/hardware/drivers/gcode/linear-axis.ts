// An axis of a G-code controller that slides.
import type { Homeable, LinearAxis, Stoppable } from "../../../task/devices.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { GcodeMotor } from "./motor.ts";
import type { GcodeLinearAxisOptions } from "./options.ts";
import { type Seat, seated } from "./seat.ts";

const umPerMillimetre = 1000;

class GcodeLinearAxis extends GcodeMotor implements LinearAxis, Homeable, Stoppable {
  readonly unit = "um";
  readonly limits;
  readonly travel;

  constructor(options: GcodeLinearAxisOptions, seat: Seat, context: DriverContext) {
    const { min_um: min, max_um: max, home_um: home, top_speed_um_per_s: topSpeed } = options;
    const way = { min, max, isContinuous: false, home, topSpeed };
    super({ ...options, ...way, unit: "um", perUnit: umPerMillimetre }, seat, context);
    this.limits = { minUm: min, maxUm: max };
    this.travel = { topSpeedUmPerS: this.topSpeed, accelerationUmPerS2: this.acceleration };
  }

  get positionUm(): number {
    return this.position;
  }

  get homeUm(): number | null {
    return this.homePosition;
  }

  moveTo(positionUm: number, options: Parameters<LinearAxis["moveTo"]>[1] = {}): Promise<void> {
    return this.goTo(positionUm, options.speedUmPerS, options.signal);
  }
}

export const open = (options: GcodeLinearAxisOptions, context: DriverContext): Promise<OpenDevice> =>
  seated(options, context, (seat) => new GcodeLinearAxis(options, seat, context));
