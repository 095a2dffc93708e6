// The microscope as tasks find it in `ctx.services.microscope`.
import type { Clock } from "../../lib/clock.ts";
import type { MicroscopeService } from "../../task/microscope.ts";
import { Autofocus } from "./autofocus.ts";
import { previewOf, sharpnessOf } from "./photo.ts";

export const createMicroscope = (clock: Clock): MicroscopeService => ({
  sharpness: (bytes) => sharpnessOf(bytes),
  autofocus: (search) => new Autofocus(search, clock).run(),
  preview: previewOf,
});
