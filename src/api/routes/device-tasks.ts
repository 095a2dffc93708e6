// Moves, homing, photos, switches, pulses and measurements of single devices: each is a task that claims its device.
import { z } from "zod";
import { RuntimeError } from "../../errors/runtime-error.ts";
import type { DeviceState } from "../../hardware/device.ts";
import { submitHeaders } from "../idempotency.ts";
import type { ApiParts } from "../parts.ts";
import { inTheWordsOf } from "../places.ts";
import { waitQuery } from "../query.ts";
import { type Input, type Route, route } from "../route.ts";
import { deviceNamed } from "./devices.ts";
import { submit, submitAnswers } from "./submit.ts";

/** Its own unit is in every name, so that nobody sends degrees to an axis that slides. */
const fieldsByUnit = {
  um: { position: "position_um", distance: "distance_um", speed: "speed_um_per_s" },
  degrees: { position: "angle_degrees", distance: "by_degrees", speed: "speed_degrees_per_s" },
} as const;

const speed = z.number().positive().nullish();
const target = z.number().nullish();
const moveSchema = z
  .strictObject({
    position_um: target.describe("Where to: of an axis that slides."),
    distance_um: target.describe("Or how far from where it stands."),
    speed_um_per_s: speed.describe("At most its top speed, which is the default."),
    angle_degrees: target.describe("Where to: of an axis that turns."),
    by_degrees: target.describe("Or how far from where it stands."),
    speed_degrees_per_s: speed.describe("At most its top speed, which is the default."),
  })
  .meta({ id: "Move", description: "One place or one distance, in the unit of the axis." });

const captureSchema = z
  .strictObject({
    exposure_ms: z.number().positive().nullish().describe("Default: the camera's own."),
    gain: z.number().positive().nullish().describe("Default: the camera's own."),
    focus_dioptres: z
      .number()
      .nullish()
      .describe("Of a camera that can be told where to focus, for this photo; default: as it stands."),
  })
  .meta({ id: "Capture" });

const switchSchema = z.strictObject({ on: z.boolean() }).meta({ id: "Switch" });

const measureSchema = z
  .strictObject({ readings: z.int().min(1).nullish().describe("The result is their mean. Default 1.") })
  .meta({ id: "Measure" });

type Body = Readonly<Record<string, unknown>>;
type Named = Omit<Input<string, z.output<typeof waitQuery>, Body | undefined>, "params"> & {
  readonly params: { readonly name: string };
};

export function deviceTaskRoutes(parts: ApiParts): Route[] {
  const common = {
    method: "post",
    tag: "devices",
    query: waitQuery,
    headers: submitHeaders,
    answers: submitAnswers,
  } as const;
  /** Its device is looked up first: a wrong name is a wrong address. */
  const run = async (
    input: Named,
    task: string,
    parametersFor: (device: DeviceState, body: Body) => Body,
  ): Promise<Response> => {
    const device = deviceNamed(parts, input.params.name);
    const body = input.body ?? {};
    const parameters = parametersFor(device, body);
    try {
      return await submit(parts, task, { ...input, body: { parameters } });
    } catch (error) {
      throw inTheWordsOf(error, (parameter) => placeOf(parameter, body));
    }
  };
  return [
    route({
      ...common,
      path: "/devices/{name}/move",
      summary: "Move an axis: a task (axis_movement_task) that claims it.",
      body: moveSchema,
      handle: (input) => run(input, "axis_movement_task", movement),
    }),
    route({
      ...common,
      path: "/devices/{name}/home",
      summary: "Bring an axis home: a task (homing_task) that claims it.",
      handle: (input) => run(input, "homing_task", ({ name }) => ({ axis: name })),
    }),
    route({
      ...common,
      path: "/devices/{name}/capture",
      summary: "Take one photo: a task (capture_task) that claims the camera; the photo is its artifact.",
      body: captureSchema.optional(),
      handle: (input) => run(input, "capture_task", ({ name }, body) => ({ camera: name, ...body })),
    }),
    route({
      ...common,
      path: "/devices/{name}/switch",
      summary: "Switch a device on or off: a task (switch_task) that claims it.",
      body: switchSchema,
      handle: (input) => run(input, "switch_task", ({ name }, body) => ({ device: name, ...body })),
    }),
    route({
      ...common,
      path: "/devices/{name}/trigger",
      summary: "Send one pulse: a task (trigger_task) that claims the device.",
      handle: (input) => run(input, "trigger_task", ({ name }) => ({ device: name })),
    }),
    route({
      ...common,
      path: "/devices/{name}/measure",
      summary: "Read a power meter: a task (measurement_task) that claims it.",
      body: measureSchema.optional(),
      handle: (input) => run(input, "measurement_task", ({ name }, body) => ({ device: name, ...body })),
    }),
  ];
}

/** Of what is not in the body the device's name is in the address. */
function placeOf(parameter: string, body: Body): string {
  const words = Object.values(fieldsByUnit).map((fields) => Reflect.get(fields, parameter) as string);
  return [parameter, ...words].find((word) => isGiven(body, word)) ?? "name";
}

const isGiven = (body: Body, field: string): boolean => body[field] !== null && body[field] !== undefined;

/** @throws INVALID_REQUEST for fields of the other unit, or not one target */
function movement({ name, capabilities, position_um }: DeviceState, body: Body): Body {
  const unit = position_um === null ? "degrees" : "um";
  // What cannot move, or is not open, has no unit; the submit says so.
  if (capabilities.includes("movable")) refuseOther(name, unit, body);
  const given = (field: "position" | "distance" | "speed"): unknown =>
    body[fieldsByUnit.um[field]] ?? body[fieldsByUnit.degrees[field]];
  return { axis: name, position: given("position"), distance: given("distance"), speed: given("speed") };
}

function refuseOther(name: string, unit: keyof typeof fieldsByUnit, body: Body): void {
  const { position, distance } = fieldsByUnit[unit];
  const expected = `${position} or ${distance}`;
  const other = Object.values(fieldsByUnit[unit === "um" ? "degrees" : "um"]).filter((field) =>
    isGiven(body, field),
  );
  const does = unit === "um" ? "slides" : "turns";
  if (other.length > 0)
    throw invalid(other.map((path) => ({ path, message: `${name} ${does}: give ${expected}`, expected })));
  if (isGiven(body, position) === isGiven(body, distance))
    throw invalid([{ path: position, message: `give either ${expected}`, expected }]);
}

const invalid = (errors: readonly object[]): RuntimeError => new RuntimeError("INVALID_REQUEST", { errors });
