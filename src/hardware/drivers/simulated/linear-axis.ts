// A simulated axis that slides: a stage, a focus.
import type { LinearAxis } from "../../../task/devices.ts";
import type { DriverContext, OpenDevice } from "../../device.ts";
import { SimulatedMotor } from "./motor.ts";
import type { LinearAxisOptions } from "./options.ts";

export class SimulatedLinearAxis extends SimulatedMotor implements LinearAxis {
  readonly unit = "um";
  readonly limits;
  readonly travel;
  readonly homeUm: number;

  constructor(options: LinearAxisOptions, context: DriverContext) {
    const { min_um: min, max_um: max, home_um: home, start_um: start = home } = options;
    const topSpeed = options.top_speed_um_per_s;
    const acceleration = options.acceleration_um_per_s2;
    super(
      {
        ...{ unit: "um", min, max, isContinuous: false, home, start, topSpeed, acceleration },
        timeoutSeconds: options.timeout_seconds,
        faults: options.faults,
      },
      context,
    );
    this.homeUm = home;
    this.limits = { minUm: min, maxUm: max };
    this.travel = { topSpeedUmPerS: topSpeed, accelerationUmPerS2: acceleration };
  }

  get positionUm(): number {
    return this.position;
  }

  moveTo(positionUm: number, options: Parameters<LinearAxis["moveTo"]>[1] = {}): Promise<void> {
    return this.goTo(positionUm, options.speedUmPerS, options.signal);
  }
}

export const open = async (options: LinearAxisOptions, context: DriverContext): Promise<OpenDevice> =>
  new SimulatedLinearAxis(options, context);
