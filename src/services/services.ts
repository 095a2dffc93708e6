// What tasks get as `ctx.services`.
import type { Clock } from "../lib/clock.ts";
import type { Quarantine } from "../store/quarantine.ts";
import type { Services } from "../task/services.ts";
import { createAlignment } from "./alignment/alignment.ts";
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
}

export function createServices({ dataDirectory, clock, quarantine }: ServicesOptions): Services {
  return {
    projects: new Projects(dataDirectory, clock, quarantine),
    paths: { plan: planPath },
    focus,
    motion: createMotion(clock),
    alignment: createAlignment(clock),
    microscope: createMicroscope(clock),
  };
}
