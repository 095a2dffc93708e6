// The microscope as tasks find it in `ctx.services.microscope`. What it does is loaded with its first use.
import type { Clock } from "../../lib/clock.ts";
import type { MicroscopeService } from "../../task/microscope.ts";

export const createMicroscope = (clock: Clock): MicroscopeService => ({
  async sharpness(bytes) {
    return (await import("./photo.ts")).sharpnessOf(bytes);
  },
  async *autofocus(search) {
    const { Autofocus } = await import("./autofocus.ts");
    return yield* new Autofocus(search, clock).run();
  },
  async preview(bytes, mostBytes) {
    return (await import("./photo.ts")).previewOf(bytes, mostBytes);
  },
});
