import { describe } from "vitest";
import { capabilitiesKeepTheirPromises } from "../../contracts/capabilities.ts";
import { hasCompiler } from "../../fixtures/compiler.ts";
import { realMachine } from "../machine.ts";
import { chipOf, pins, standin } from "./standin.ts";

const motor = { step_pin: pins.step, direction_pin: pins.direction };

/** Each axis has a chip of its own, because a chip of the stand-in has one motor. */
async function everything() {
  const library = standin(2);
  const place = () => ({ chip: chipOf().path, library });
  return realMachine({
    rotor: {
      ...{ driver: "gpio_axis", ...place(), ...motor, steps_per_turn: 360, max_degrees: 180 },
      ...{ home_degrees: 90, top_speed_degrees_per_s: 4000, acceleration_degrees_per_s2: 80_000 },
    },
    turntable: {
      ...{ driver: "gpio_axis", ...place(), ...motor, steps_per_turn: 360, is_continuous: true },
      ...{ top_speed_degrees_per_s: 6000, acceleration_degrees_per_s2: 200_000 },
    },
    slide: {
      ...{
        driver: "gpio_linear_axis",
        ...place(),
        ...motor,
        steps_per_mm: 10,
        min_um: 0,
        max_um: 6000,
      },
      ...{ top_speed_um_per_s: 400_000, acceleration_um_per_s2: 8_000_000 },
    },
    light: { driver: "gpio_switch", ...place(), pins: [1, 2] },
    trigger: { driver: "gpio_trigger", ...place(), pin: 3, pulse_ms: 5 },
  });
}

// What differs between the versions of the library, axis.test.ts and pins.test.ts try with both.
describe.skipIf(!hasCompiler)("libgpiod 2", () => {
  capabilitiesKeepTheirPromises("GPIO", everything);
});
