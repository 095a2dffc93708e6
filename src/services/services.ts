// What tasks get as `ctx.services`.
import type { Clock } from "../lib/clock.ts";
import { type CloudSettings, cloudFrom } from "../settings/cloud.ts";
import type { Quarantine } from "../store/quarantine.ts";
import type { Services } from "../task/services.ts";
import { createAlignment } from "./alignment/alignment.ts";
import { createCloud } from "./cloud/cloud.ts";
import { CloudPlaces } from "./cloud/places.ts";
import { type FreeBytes, freeBytesOf } from "./cloud/room.ts";
import { focus } from "./focus.ts";
import { createMicroscope } from "./microscope/microscope.ts";
import { createMotion } from "./motion.ts";
import { planPath } from "./paths.ts";
import { Projects } from "./projects.ts";

export interface ServicesOptions {
  /** Absolute. */
  readonly dataDirectory: string;
  readonly clock: Clock;
  /** Where damaged documents go. */
  readonly quarantine: Quarantine;
  /** Default: there is none. */
  readonly cloud?: CloudSettings;
  /** Default: one of its own. */
  readonly cloudPlaces?: CloudPlaces;
  /** Default: what the disk says. */
  readonly freeBytes?: FreeBytes;
}

export function createServices(options: ServicesOptions): Services {
  const { dataDirectory, clock, quarantine } = options;
  const projects = new Projects(dataDirectory, clock, quarantine);
  return {
    projects,
    paths: { plan: planPath },
    focus,
    motion: createMotion(clock),
    alignment: createAlignment(clock),
    microscope: createMicroscope(clock),
    cloud: createCloud({
      ...{ clock, dataDirectory, projects },
      settings: options.cloud ?? cloudFrom({}, "settings"),
      places: options.cloudPlaces ?? new CloudPlaces(dataDirectory),
      freeBytes: options.freeBytes ?? freeBytesOf,
    }),
  };
}
