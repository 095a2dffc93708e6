// What a scan takes, and what it means to those who plan its path and its focus.
import { type FocusStackOptions, type ScanPathOptions, z } from "armature/task";
import { projectName } from "./_project.ts";

const degrees = (most: number) => z.number().min(0).max(most);
const dioptres = z.number().min(0).max(100);

const shape = z.object({
  project: projectName.describe("Name of the project; its folder below data/projects is made"),
  points: z.int().min(1).max(999).default(130).describe("How many photos"),
  path_method: z
    .enum(["fibonacci", "turntable"])
    .default("fibonacci")
    .describe("fibonacci: spread over the sphere. turntable: equal steps of one turn, rotor fixed"),
  min_theta: degrees(180).default(12).describe("Highest view in degrees, 0 is from above (fibonacci)"),
  max_theta: degrees(180).default(125).describe("Lowest view in degrees (fibonacci)"),
  min_phi: degrees(360).default(0).describe("Turntable from, in degrees (fibonacci)"),
  max_phi: degrees(360).default(360).describe("Turntable to, in degrees (fibonacci)"),
  optimize_path: z.boolean().default(true).describe("Order the photos by travel time (fibonacci)"),
  rotor_angle: degrees(180).default(90).describe("Where the rotor stands, in degrees (turntable)"),
  pause_before_capture_ms: z.int().min(0).max(60_000).default(0).describe("Lets the object come to rest"),
  exposure_ms: z.number().positive().max(435_918).default(50),
  gain: z.number().positive().max(32).default(1),
  start_from_step: z.int().min(0).default(0).describe("Leaves out the poses before this one; the first is 0"),
  focus_stacks: z
    .int()
    .min(1)
    .max(99)
    .default(1)
    .describe("Photos of each pose, at so many places of the focus"),
  focus_range_dioptres: z
    .array(dioptres)
    .length(2)
    .default([10, 15])
    .describe("Where the focus stands for the first and the last of them; 10 is 10 cm before the lens"),
});

export const parameters = shape
  .refine((p) => p.min_theta <= p.max_theta, { path: ["min_theta"], error: "min_theta is above max_theta" })
  .refine((p) => (p.focus_range_dioptres[0] ?? 0) <= (p.focus_range_dioptres[1] ?? 0), {
    path: ["focus_range_dioptres"],
    error: ({ input }) => {
      const [first, second] = (input as Parameters).focus_range_dioptres;
      return `expected the smaller one first, found ${first} before ${second}`;
    },
  })
  // A count that is refused itself says nothing about steps.
  .refine((p) => p.points < 1 || p.start_from_step < posesOf(p), {
    path: ["start_from_step"],
    error: ({ input }) => {
      const { start_from_step, ...p } = input as Parameters;
      return `expected a step of the path, 0 to ${posesOf(p) - 1}, found ${start_from_step}`;
    },
  });

type Parameters = z.output<typeof shape>;

/** A band of the sphere that is a point has one pose, whatever is asked for. */
const posesOf = (p: Omit<Parameters, "start_from_step">): number =>
  p.path_method === "fibonacci" && p.min_theta === p.max_theta && p.min_phi === p.max_phi ? 1 : p.points;

export const pathOptions = (p: Parameters): ScanPathOptions => ({
  method: p.path_method,
  points: p.points,
  minThetaDegrees: p.min_theta,
  maxThetaDegrees: p.max_theta,
  minPhiDegrees: p.min_phi,
  maxPhiDegrees: p.max_phi,
  rotorDegrees: p.rotor_angle,
  optimize: p.optimize_path,
});

export const focusOptions = ({ focus_stacks, focus_range_dioptres }: Parameters): FocusStackOptions => {
  const [minDioptres = 0, maxDioptres = 0] = focus_range_dioptres;
  return { count: focus_stacks, minDioptres, maxDioptres };
};
