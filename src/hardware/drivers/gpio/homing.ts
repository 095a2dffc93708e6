// Finds a switch: at a speed from which the motor can stop at once, back until it opens, and once more slowly.
import { RuntimeError } from "../../../errors/runtime-error.ts";
import { inUnit } from "../../axis.ts";
import type { Go, MotorOptions } from "./motor.ts";
import type { SwitchName } from "./stepping/orders.ts";

export interface Homing {
  readonly switch: SwitchName;
  readonly toward: "min" | "max";
  /** Where the axis stands when the switch closes. */
  readonly at: number;
  /** Units per second. */
  readonly speed: number;
  readonly backOff: number;
}

/** The second time, for a place that does not depend on the speed. */
const slowly = 1 / 5;
/** Of its range: as far as it looks for a switch. */
const mostOfRange = 1.25;

/** Ends where the switch has just closed. @throws DEVICE_FAILED where it does not, and what `go` throws */
export async function homingOf(
  device: string,
  { scale, min, max, unit }: Pick<MotorOptions, "scale" | "min" | "max" | "unit">,
  { switch: name, toward, speed, backOff }: Homing,
  go: Go,
): Promise<void> {
  const direction = toward === "max" ? 1 : -1;
  const whole = (max - min) * mostOfRange + backOff;
  const seek = async (isClosed: boolean, distance: number, fast: number): Promise<void> => {
    const steps = Math.ceil(scale.stepsOf(distance)) * direction * (isClosed ? 1 : -1);
    const { ended } = await go(steps, fast, { switch: name, isClosed });
    if (ended === "found") return;
    throw new RuntimeError("DEVICE_FAILED", {
      device,
      problem: `its ${name} switch did not ${isClosed ? "close" : "open"} within ${inUnit(distance, unit)}`,
      remedy:
        "Check that the motor turns, that its direction is right (is_direction_inverted), and the switch's wiring.",
    });
  };
  await seek(true, whole, speed);
  await seek(false, whole, speed);
  await go(-direction * Math.ceil(scale.stepsOf(backOff)), speed, null);
  await seek(true, backOff * 2, speed * slowly);
}
