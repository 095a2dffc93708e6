// The simulated scanner without its waits: axes that arrive at once, and photos that are soon drawn.
import type { Program } from "./program.ts";

/** Before the program starts. */
export const makeScannerQuick = (program: Program, photo: { width: number; height: number }): Promise<void> =>
  program.editSettings("devices/simulated.json", (profile) => {
    const { rotor, turntable, camera } = profile.devices as Record<string, object>;
    for (const axis of [rotor, turntable])
      Object.assign(axis as object, { top_speed_degrees_per_s: 1e5, acceleration_degrees_per_s2: 1e7 });
    Object.assign(camera as object, photo);
  });
