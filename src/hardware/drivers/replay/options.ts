// What the replay camera takes in a profile.
import { z } from "zod";
import { shutterOptions } from "../simulated/options.ts";

export const replayOptions = z
  .strictObject({
    driver: z.literal("replay_camera"),
    directory: z.string().default("data/replay").describe("Photos of one turn; relative to the project"),
    turntable: z.string().default("turntable").describe("The device whose angle chooses the photo"),
    ...shutterOptions,
  })
  .describe("A camera that serves the photos of a directory by the angle of the turntable");

export type ReplayOptions = z.output<typeof replayOptions>;
