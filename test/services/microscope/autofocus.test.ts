import { expect, test } from "vitest";
import { createMicroscope } from "../../../src/services/microscope/microscope.ts";
import { machine } from "../../hardware/machine.ts";

test.each([1e-9, 5e-324])(
  "a search of more photos than anybody waits for is refused before anything moves: step %d µm",
  async (stepUm) => {
    const { devices, clock } = await machine("simulated");
    const search = createMicroscope(clock).autofocus({
      ...{ device: devices.get("microscope_focus"), camera: devices.get("microscope_camera") },
      ...{ rangeUm: 500, stepUm },
    });
    await expect(search.next()).rejects.toThrow(
      /photos, more than 10000: choose a larger step or a smaller range/,
    );
    expect(devices.state("microscope_focus").is_moving).toBe(false);
  },
);
