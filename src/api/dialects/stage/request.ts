// What the stage's clients ask for, as the parameters of our tasks: numbers of axes become names of devices. Pure.
import { z } from "zod";
import { RuntimeError } from "../../../errors/runtime-error.ts";
import { valid } from "../../route.ts";
import { axisCount, axisName, type OperationType, operationTypes } from "./operations.ts";

type Parameters = Readonly<Record<string, unknown>>;

const axisRange = z.int().min(1).max(axisCount);
const axisField = axisRange
  .nullish()
  .describe("1 to 6 are x, y, z, tx, ty, tz; axis_id, axis_number and axis are the same.");
const axisFields = { axis_id: axisField, axis_number: axisField, axis: axisField };
const speed = z.number().positive().nullish().describe("µm/s or degrees/s; default the axis's own.");

export const absoluteSchema = z.strictObject({
  ...axisFields,
  position: z.number().describe("Where to: µm or degrees."),
  speed,
  movement_type: z.literal("absolute").nullish(),
});

export const relativeSchema = z.strictObject({
  ...axisFields,
  distance: z.number().describe("How far: µm or degrees, either sign."),
  speed,
  movement_type: z.literal("relative").nullish(),
});

export const executeSchema = z
  .looseObject({ operation_type: z.enum(operationTypes) })
  .describe("And what that operation takes.");

/** @throws INVALID_REQUEST */
export function moveOf(body: z.output<typeof absoluteSchema | typeof relativeSchema>): Parameters {
  const { axis_id, axis_number, axis, movement_type: _, ...move } = body;
  return withoutNulls({ axis: axisIn({ axis_id, axis_number, axis }, true), ...move });
}

/** @throws INVALID_REQUEST */
export function parametersOf(operation: OperationType, body: Parameters): Parameters {
  if (operation === "axis_movement") return moveOf(valid(body, moveSchemaOf(body)));
  const { axis_id, axis_number, axis, ...rest } = body;
  const words = valid({ axis_id, axis_number, axis }, z.strictObject(axisFields));
  const name = axisIn(words, false);
  const named = Object.entries(rest).map(([key, value]) => [
    key,
    isListOfAxes(key) ? axisNames(value) : value,
  ]);
  return { ...Object.fromEntries(named), ...(name !== undefined && { axis: name }) };
}

const isAxisNumber = (value: unknown): value is number => axisRange.safeParse(value).success;

/** As in `axes` and `recentre_axes`. */
const isListOfAxes = (key: string): boolean => /^(\w+_)?axes$/.test(key);

/** What is no number of an axis stays as it is: the task says what it thinks of that. */
const axisNames = (list: unknown): unknown =>
  Array.isArray(list) ? list.map((one) => (isAxisNumber(one) ? axisName(one) : one)) : list;

/** What the type says counts; without it what the body has. */
const moveSchemaOf = ({ movement_type: type, position }: Parameters) =>
  type === "absolute" || (type !== "relative" && typeof position === "number")
    ? absoluteSchema
    : relativeSchema;

function axisIn(words: Partial<Record<string, number | null>>, isNeeded: boolean): string | undefined {
  const given = Object.values(words).filter((number) => typeof number === "number");
  const [number] = given;
  if (given.some((other) => other !== number))
    throw invalidAxis(`axis_id, axis_number and axis are the same; found ${given.join(" and ")}`);
  if (number !== undefined) return axisName(number);
  if (isNeeded) throw invalidAxis("expected the number of an axis, 1 to 6, found nothing");
  return undefined;
}

const invalidAxis = (message: string): RuntimeError =>
  new RuntimeError("INVALID_REQUEST", { errors: [{ path: "axis_id", message }] });

const withoutNulls = (fields: Parameters): Parameters =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
