// Tasks of the real program that move an axis on GPIO. The chip is a stand-in with a motor that counts its steps.
import { everyStopReaches } from "../contracts/stop.ts";
import { hasCompiler } from "../fixtures/compiler.ts";
import { chipOf, pins, standin } from "../hardware/gpio/standin.ts";

if (hasCompiler)
  everyStopReaches("an axis on GPIO", {
    // 500 steps/s, and half a second to them.
    devices: () => ({
      x: {
        ...{ driver: "gpio_linear_axis", chip: chipOf().path, library: standin(2) },
        ...{ step_pin: pins.step, direction_pin: pins.direction, steps_per_mm: 10 },
        ...{ min_um: 0, max_um: 400_000, top_speed_um_per_s: 50_000, acceleration_um_per_s2: 100_000 },
      },
    }),
    axis: "x",
    far: 400_000,
    // 12.5 mm by its acceleration; a busy system may hold it up on its last steps, and then it stands at once.
    braking: 0,
    tolerance: 100,
  });
