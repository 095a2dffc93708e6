// What the cameras take in a profile. Light to import: the drivers themselves load when they are used.
import { z } from "zod";
import { lensLimits } from "../../lens.ts";
import { exposurePlaceholders, unknownPlaceholders } from "./placeholders.ts";

/** What every camera takes. */
const exposure = {
  exposure_ms: z.number().positive().default(50).describe("Where a capture does not say"),
  gain: z.number().positive().default(1).describe("Where a capture does not say"),
  timeout_seconds: z
    .number()
    .positive()
    .max(3600)
    .default(20)
    .describe("How much longer than the exposure a capture may take"),
};

const mostBytes = z
  .int()
  .min(1024)
  .max(2 ** 30)
  .default(100_000_000)
  .describe("A photo that has more is refused");

/** Refuses a placeholder that nobody fills. */
function allKnown(
  texts: readonly string[],
  known: readonly string[],
  path: PropertyKey[],
  issues: unknown[],
) {
  for (const name of unknownPlaceholders(texts, known))
    issues.push({
      code: "custom",
      path,
      input: texts,
      message: `nothing fills the placeholder {${name}}; there are ${known.map((one) => `{${one}}`).join(", ")}`,
    });
}

export const commandCameraOptions = z
  .strictObject({
    driver: z.literal("command_camera"),
    command: z
      .array(z.string())
      .min(1)
      .describe(
        "The program and its arguments, each a text of its own: no shell. {file} is where the photo has to be written; without it the photo is read from the standard output. {exposure_ms}, {exposure_us}, {exposure_s}, {gain} are those of the capture",
      ),
    settings: z
      .record(z.string().regex(/^[a-z][a-z0-9_]*$/), z.union([z.string(), z.number()]))
      .default({})
      .describe("Placeholders of your own, as in quality: 93 for {quality}"),
    extension: z
      .string()
      .regex(/^[a-z0-9]{1,8}$/)
      .default("jpg")
      .describe("How {file} ends, for programs that choose the format by it"),
    focus: z
      .strictObject({
        arguments: z
          .array(z.string())
          .min(1)
          .describe("Behind those of the command, for photos whose focus was told: {focus_dioptres}"),
        ...lensLimits,
      })
      .optional()
      .describe("For a camera whose lens can be told where to focus"),
    most_bytes: mostBytes,
    ...exposure,
  })
  .check(({ value, issues }) => {
    const known = ["file", ...exposurePlaceholders, ...Object.keys(value.settings)];
    allKnown(value.command, known, ["command"], issues);
    allKnown(value.focus?.arguments ?? [], [...known, "focus_dioptres"], ["focus", "arguments"], issues);
  })
  .describe("A camera behind any program that writes an image: rpicam-still, gphoto2, fswebcam, ffmpeg");

export const mjpegCameraOptions = z
  .strictObject({
    driver: z.literal("mjpeg_camera"),
    url: z
      .string()
      .regex(/^https?:\/\/[^/]/, "expected an address that begins with http:// or https://")
      .describe(
        "An MJPEG stream (multipart/x-mixed-replace) or a single photo. {exposure_ms}, {exposure_us}, {exposure_s}, {gain} are those of the capture",
      ),
    headers: z
      .record(z.string(), z.string())
      .default({})
      .describe("Sent with each request, as authorization"),
    skip_frames: z
      .int()
      .min(0)
      .max(100)
      .default(0)
      .describe("Of a stream: so many come first that were taken before"),
    most_bytes: mostBytes,
    ...exposure,
  })
  .check(({ value, issues }) => allKnown([value.url], exposurePlaceholders, ["url"], issues))
  .describe("A camera that sends an MJPEG stream or single photos over HTTP");

export const gphoto2CameraOptions = z
  .strictObject({
    driver: z.literal("gphoto2_camera"),
    port: z
      .string()
      .default("usb:")
      .describe(
        "usb: takes the first camera; usb:001,004, ptpip:192.168.1.1 or disk:/directory a certain one",
      ),
    model: z
      .string()
      .optional()
      .describe("As libgphoto2 has it, where it cannot find out: Directory Browse for disk:"),
    settings: z
      .record(z.string(), z.string())
      .default({})
      .describe("Settings of the camera before each photo, as in iso: 100 or shutterspeed: {exposure_s}"),
    delete_from_camera: z.boolean().default(false).describe("Each photo, once it has been read"),
    library: z.string().default("libgphoto2.so.6").describe("The library's file, where it lies elsewhere"),
    ...exposure,
  })
  .check(({ value, issues }) =>
    allKnown(Object.values(value.settings), exposurePlaceholders, ["settings"], issues),
  )
  .describe("A camera through libgphoto2: DSLRs and mirrorless ones on USB or a network");

export type CommandCameraOptions = z.output<typeof commandCameraOptions>;
export type MjpegCameraOptions = z.output<typeof mjpegCameraOptions>;
export type Gphoto2CameraOptions = z.output<typeof gphoto2CameraOptions>;
export type ExposureOptions = Pick<CommandCameraOptions, keyof typeof exposure>;
