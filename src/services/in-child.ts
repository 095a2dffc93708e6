// `ctx.services` of a task in a process of its own: what is pure runs there, what keeps documents stays with the runtime.
import { systemClock } from "../lib/clock.ts";
import type { Services } from "../task/services.ts";
import { createAlignment } from "./alignment/alignment.ts";
import { focus } from "./focus.ts";
import { createMicroscope } from "./microscope/microscope.ts";
import { createMotion } from "./motion.ts";
import { planPath } from "./paths.ts";

export const sharedNames = ["projects", "cloud"] as const;

/** The services that tasks in other processes call in this one. */
export const shared = (services: Services): Readonly<Record<string, object>> =>
  Object.fromEntries(sharedNames.map((name) => [name, services[name]]));

/** @param remote one of `shared` */
export const createServicesInChild = (remote: (name: (typeof sharedNames)[number]) => object): Services => ({
  projects: remote("projects") as Services["projects"],
  paths: { plan: planPath },
  focus,
  motion: createMotion(systemClock),
  alignment: createAlignment(systemClock),
  microscope: createMicroscope(systemClock),
  cloud: remote("cloud") as Services["cloud"],
});
