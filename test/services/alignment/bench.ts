// An alignment stage of arithmetic: axes that are where they are sent at once, and light that couples as in the simulated
// driver, with its noise. As many searches a second as the processor can do.
import { coupling } from "../../../src/hardware/drivers/simulated/beam.ts";
import { chance } from "../../../src/hardware/drivers/simulated/chance.ts";
import type { Device, LinearAxis, Measuring, RotaryAxis } from "../../../src/task/devices.ts";

export const axisNames = ["x", "y", "z", "tx", "ty", "tz"] as const;
export type AxisName = (typeof axisNames)[number];
export type Place = Record<AxisName, number>;

/** Micrometres, degrees: where the default profile's stage has its peak. */
export const peak: Place = { x: 12, y: -8, z: 30, tx: 0.8, ty: -0.5, tz: 2 };
/** From the tilt axes to the end of the fibre, on the default profile's stage. */
const usualLeverUm = 50;
const limits: Place = { x: 1000, y: 1000, z: 1000, tx: 5, ty: 5, tz: 10 };

/** Without noise, in microwatts. */
export const powerAt = (place: Place, leverUm = usualLeverUm): number =>
  1000 *
  coupling(
    {
      xUm: place.x - peak.x,
      yUm: place.y - peak.y,
      zUm: place.z - peak.z,
      txDegrees: place.tx - peak.tx,
      tyDegrees: place.ty - peak.ty,
      tzDegrees: place.tz - peak.tz,
    },
    { waistUm: 5.2, wavelengthUm: 1.55, leverUm },
  );

export interface StageOptions {
  readonly start: Place;
  readonly seed: number;
  /** Of the light, as a share (1 sigma). Default: that of the default profile. */
  readonly relativeNoise?: number;
  readonly floorUw?: number;
  /** What shines into the meter wherever the stage stands. Default 0. */
  readonly strayUw?: number;
  readonly isDark?: boolean;
  readonly leverUm?: number;
}

export class Stage {
  readonly place: Place;
  readonly meter: Measuring;
  moves = 0;
  readings = 0;

  constructor({
    start,
    seed,
    relativeNoise = 0.002,
    floorUw = 0.01,
    strayUw = 0,
    isDark = false,
    leverUm,
  }: StageOptions) {
    this.place = { ...start };
    const noise = chance(seed);
    this.meter = {
      name: "power_meter",
      driver: "test",
      capabilities: ["measuring"],
      powerUw: null,
      readPowerUw: async () => {
        this.readings++;
        const light = (isDark ? 0 : powerAt(this.place, leverUm)) + strayUw;
        return light * (1 + relativeNoise * noise.normal()) + floorUw * noise.normal();
      },
    };
  }

  axis(name: AxisName): Device {
    const { place } = this;
    const go = async (to: number): Promise<void> => {
      if (Math.abs(to) > limits[name]) throw new Error(`${name} was sent to ${to}`);
      this.moves++;
      place[name] = to;
    };
    const common = { name, driver: "test", capabilities: ["movable"], isMoving: false, moveTo: go } as const;
    if (name.length > 1) {
      const travel = { topSpeedDegreesPerS: 5, accelerationDegreesPerS2: 25, isContinuous: false };
      return {
        ...common,
        ...{ unit: "degrees", homeDegrees: 0, travel },
        limits: { minDegrees: -limits[name], maxDegrees: limits[name] },
        get angleDegrees() {
          return place[name];
        },
      } satisfies RotaryAxis as Device;
    }
    const travel = { topSpeedUmPerS: 1000, accelerationUmPerS2: 5000 };
    return {
      ...common,
      ...{ unit: "um", homeUm: 0, travel },
      limits: { minUm: -limits[name], maxUm: limits[name] },
      get positionUm() {
        return place[name];
      },
    } satisfies LinearAxis as Device;
  }
}
