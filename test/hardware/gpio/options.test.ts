import { expect, test } from "vitest";
import { parseProfile } from "../../../src/hardware/profile.ts";

const axis = { driver: "gpio_axis", step_pin: 1, direction_pin: 2, steps_per_turn: 3600 };
const slide = {
  driver: "gpio_linear_axis",
  step_pin: 1,
  direction_pin: 2,
  steps_per_mm: 100,
  min_um: 0,
  max_um: 10,
};
const parsed = (options: object) =>
  parseProfile(JSON.stringify({ devices: { axis: options } }), "test.json").devices.axis;

test.each<[string, object, string]>([
  [
    "faster than a program can step",
    { ...axis, steps_per_turn: 36_000, top_speed_degrees_per_s: 300 },
    "devices.axis.top_speed_degrees_per_s: that is 30000 steps/s, more than 20000",
  ],
  [
    "with pulses that are too long for its speed",
    { ...axis, pulse_us: 500, top_speed_degrees_per_s: 200 },
    "devices.axis.pulse_us: it must be less than half of 500 µs, a step at top speed",
  ],
  [
    "that is to find a switch it does not have",
    { ...axis, min_switch: { pin: 3 }, homing: { toward: "max", at_degrees: 90 } },
    "there is no switch to find: it wants a home_switch or a max_switch",
  ],
  [
    "whose limits are the wrong way round",
    { ...slide, min_um: 20 },
    "it must be more than min_um, which is 20",
  ],
  [
    "whose home is outside its limits",
    { ...axis, min_degrees: 12, max_degrees: 125 },
    "it is outside the limits, 12 to 125",
  ],
  ["with a pin that nothing has", { ...axis, step_pin: -1 }, "expected number to be >=0"],
])("an axis %s is refused with the profile", (_, options, problem) => {
  expect(() => parsed(options)).toThrow(problem);
});

test("an axis takes its defaults; a turntable has no limits to keep", () => {
  expect(parsed(axis)).toMatchObject({ chip: "gpiochip0", pulse_us: 5, is_enable_active_low: true });
  expect(parsed({ ...axis, is_continuous: true, min_degrees: 400 })).toMatchObject({ home_degrees: 0 });
});
