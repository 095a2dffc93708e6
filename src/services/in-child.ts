// `ctx.services` of a task in a process of its own: what is pure runs there, what keeps documents stays with the runtime.
import { systemClock } from "../lib/clock.ts";
import type { Services } from "../task/services.ts";
import { createAlignment } from "./alignment/alignment.ts";
import { focus } from "./focus.ts";
import { createMicroscope } from "./microscope/microscope.ts";
import { createMotion } from "./motion.ts";
import { planPath } from "./paths.ts";

/** The services that tasks in other processes call in this one. */
export const shared = ({ projects, cloud }: Services): Readonly<Record<string, object>> => ({
  projects,
  cloud,
});

/** @param remote one of `shared` */
export const createServicesInChild = (remote: (name: string) => object): Services => ({
  projects: remote("projects") as Services["projects"],
  paths: { plan: planPath },
  focus,
  motion: createMotion(systemClock),
  alignment: createAlignment(systemClock),
  microscope: createMicroscope(systemClock),
  cloud: remote("cloud") as Services["cloud"],
});
