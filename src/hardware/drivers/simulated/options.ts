// What the simulated devices take in a profile. Light to import: the drivers themselves load when they are used.
import { z } from "zod";
import { lensLimits } from "../../lens.ts";
import { faultOptions } from "./faults.ts";

const timeout = z.number().positive().max(3600);

export const axisOptions = z
  .strictObject({
    driver: z.literal("simulated_axis"),
    min_degrees: z.number().default(0),
    max_degrees: z.number().default(360),
    is_continuous: z.boolean().default(false).describe("0 and 360 are the same place; no limits"),
    home_degrees: z.number().default(90),
    start_degrees: z.number().optional().describe("Where it stands at power on; default: home"),
    top_speed_degrees_per_s: z.number().positive().default(90),
    acceleration_degrees_per_s2: z.number().positive().default(180),
    timeout_seconds: timeout.default(10).describe("How much longer than planned a move may take"),
    faults: faultOptions.optional(),
  })
  .describe("An axis that turns, with acceleration, top speed and limits");

export const linearAxisOptions = z
  .strictObject({
    driver: z.literal("simulated_linear_axis"),
    min_um: z.number().default(-1000),
    max_um: z.number().default(1000),
    home_um: z.number().default(0),
    start_um: z.number().optional().describe("Where it stands at power on; default: home"),
    top_speed_um_per_s: z.number().positive().default(1000),
    acceleration_um_per_s2: z.number().positive().default(5000),
    timeout_seconds: timeout.default(10).describe("How much longer than planned a move may take"),
    faults: faultOptions.optional(),
  })
  .describe("An axis that slides, with acceleration, top speed and limits");

export const lightOptions = z
  .strictObject({
    driver: z.literal("simulated_light"),
    switch_ms: z.number().min(0).default(5).describe("How long it takes to switch"),
    timeout_seconds: timeout.default(10).describe("How much longer than that switching may take"),
    faults: faultOptions.optional(),
  })
  .describe("A lamp");

const axis = (name: string) => z.string().default(name);

export const powerMeterOptions = z
  .strictObject({
    driver: z.literal("simulated_power_meter"),
    axes: z
      .strictObject({
        x: axis("x"),
        y: axis("y"),
        z: axis("z"),
        tx: axis("tx"),
        ty: axis("ty"),
        tz: axis("tz"),
      })
      .prefault({})
      .describe("The devices that hold the fibre; one that is not there stands where it should"),
    peak: z
      .strictObject({
        x_um: z.number().default(12),
        y_um: z.number().default(-8),
        z_um: z.number().default(30),
        tx_degrees: z.number().default(0.8),
        ty_degrees: z.number().default(-0.5),
        tz_degrees: z.number().default(2),
      })
      .prefault({})
      .describe("Where they stand when all light enters the fibre"),
    peak_power_uw: z.number().positive().default(1000),
    waist_um: z.number().positive().default(5.2).describe("Mode field radius; 5.2 is a fibre for 1550 nm"),
    wavelength_um: z.number().positive().default(1.55),
    lever_um: z.number().default(50).describe("From the tilt axes to the end of the fibre"),
    relative_noise: z.number().min(0).default(0.002).describe("Of the light, as a share (1 sigma)"),
    floor_uw: z.number().min(0).default(0.01).describe("Of the detector, in the dark (1 sigma)"),
    seed: z.int().default(1).describe("The same seed makes the same noise"),
    integration_ms: z.number().min(0).default(2).describe("How long one reading takes"),
    timeout_seconds: timeout.default(10).describe("How much longer than that a reading may take"),
    faults: faultOptions.optional(),
  })
  .describe(
    "A power meter behind a fibre on the stage: its reading has a peak, falls off with tilt, and is noisy",
  );

/** What every camera without a real shutter takes. */
export const shutterOptions = {
  exposure_ms: z.number().positive().default(50).describe("Where a capture does not say"),
  gain: z.number().positive().default(1).describe("Where a capture does not say"),
  timeout_seconds: timeout.default(10).describe("How much longer than the exposure a capture may take"),
  faults: faultOptions.optional(),
};

export const cameraOptions = z
  .strictObject({
    driver: z.literal("simulated_camera"),
    rotor: z.string().default("rotor").describe("The device whose angle is the camera's height, 0 is above"),
    turntable: z.string().default("turntable").describe("The device that turns the object"),
    light: z.string().default("light").describe("The device that lights it"),
    width: z.int().min(128).max(4096).default(1024),
    height: z.int().min(128).max(4096).default(768),
    object_distance_mm: z
      .number()
      .min(10)
      .default(80)
      .describe("From the lens to the middle of the pot, which is as large as that makes it"),
    aperture_mm: z
      .number()
      .positive()
      .max(100)
      .default(2.4)
      .describe("The opening of the lens: the wider, the more is blurred that the focus is not on"),
    focal_length_mm: z
      .number()
      .positive()
      .max(5)
      .default(4.3)
      .describe("The longer, the more a nearer focus makes everything larger"),
    focus: z
      .strictObject({
        ...lensLimits,
        move_ms: z.number().min(0).default(20).describe("How long the lens takes to its place"),
      })
      .prefault({})
      .describe("Where the lens can be told to focus"),
    ...shutterOptions,
  })
  .describe("A camera that renders a pot as it stands right now");

export const microscopeOptions = z
  .strictObject({
    driver: z.literal("simulated_microscope_camera"),
    axes: z
      .strictObject({
        x: axis("microscope_x"),
        y: axis("microscope_y"),
        z: axis("microscope_z"),
        focus: axis("microscope_focus"),
      })
      .prefault({})
      .describe("The devices that hold the specimen and the lens; one that is not there stands at 0"),
    sharp_at_um: z
      .number()
      .default(1240)
      .describe("Focus and z together, where the middle of the specimen is sharp"),
    slope_um_per_mm: z
      .number()
      .default(8)
      .describe("How much that rises along x, because the glass lies askew"),
    depth_of_field_um: z.number().positive().default(12).describe("How far from there blurs by a pixel"),
    um_per_px: z.number().positive().max(10).default(0.5),
    width: z.int().min(128).max(2048).default(640),
    height: z.int().min(128).max(2048).default(480),
    ...shutterOptions,
    exposure_ms: shutterOptions.exposure_ms.default(100),
  })
  .describe(
    "A microscope's camera over a stained specimen: where it looks and how sharp follows from the axes",
  );

export type MicroscopeOptions = z.output<typeof microscopeOptions>;
export type AxisOptions = z.output<typeof axisOptions>;
export type LinearAxisOptions = z.output<typeof linearAxisOptions>;
export type PowerMeterOptions = z.output<typeof powerMeterOptions>;
export type LightOptions = z.output<typeof lightOptions>;
export type CameraOptions = z.output<typeof cameraOptions>;
export type ShutterOptions = Pick<CameraOptions, keyof typeof shutterOptions>;
