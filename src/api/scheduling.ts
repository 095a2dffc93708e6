// What a schedule's body may say: a submit, and when it falls due; and what the engine gets of it.
import { z } from "zod";
import {
  catchUps,
  overlaps,
  type Schedule,
  type ScheduledRequest,
  type ScheduleWishes,
} from "../engine/schedules/record.ts";
import { nameIn, requestOf, submitSchema } from "./submission.ts";

const timing = {
  cron: z
    .string()
    .max(200)
    .nullish()
    .describe(
      "Minute, hour, day of month, month, day of week; seconds may stand before, a year behind them.",
    ),
  every_seconds: z
    .number()
    .min(1)
    .max(1e9)
    .nullish()
    .describe("Instead of cron: this long after the last time, beginning now."),
  time_zone: z
    .string()
    .max(100)
    .nullish()
    .describe("IANA name, in which the cron line is read; defaults to UTC."),
  overlap: z
    .enum(overlaps)
    .nullish()
    .describe(
      "While a task of its own has not ended: skip this time (the default), queue the next one behind it, replace it, or allow both.",
    ),
  catch_up: z
    .enum(catchUps)
    .nullish()
    .describe("For times that passed without power: skip them (the default), one task once, or all."),
  paused: z.boolean().nullish().describe("Nothing falls due while it is paused."),
};

/** When a task may start is the schedule's business. */
export const schedulingSchema = submitSchema
  .omit({ not_before: true, delay_seconds: true, depends_on: true, on_dependency_failure: true })
  .extend(timing);

export const scheduleChangeSchema = schedulingSchema.partial();

type Body = z.output<typeof schedulingSchema>;

/** @throws INVALID_REQUEST where it names no task type, or two */
export const schedulingOf = (body: Body) => ({ request: requestOf(nameIn(body), body), ...given(body) });

/** @throws INVALID_REQUEST where it names two task types */
export const changeOf = ({ request }: Schedule, body: Partial<Body>): Partial<ScheduleWishes> => ({
  ...given(body),
  ...(asksOther(body) && { request: changed(request, body) }),
});

const isTiming = (key: string): boolean => Object.hasOwn(timing, key);

/** Of the timing what was said; null takes the default. */
function given(body: Partial<Body>): Partial<ScheduleWishes> {
  const said = Object.entries(body).filter(([key, value]) => isTiming(key) && value !== undefined);
  return Object.fromEntries(said.map(([key, value]) => [key, value ?? defaults[key]]));
}

/** Undefined lets the engine choose. */
const defaults: Readonly<Record<string, unknown>> = {
  cron: null,
  every_seconds: null,
  time_zone: "UTC",
  catch_up: "skip",
  paused: false,
};

const asksOther = (body: Partial<Body>): boolean => Object.keys(body).some((key) => !isTiming(key));

/** The fields that were given replace those that were there. */
function changed(before: ScheduledRequest, body: Partial<Body>): ScheduledRequest {
  const { task, action } = body;
  const names = task || action ? nameIn({ task, action }) : before.task;
  const asked = requestOf(names, body);
  const keys = Object.keys(body).filter((key) => !isTiming(key) && key !== "action");
  return { ...before, task: names, ...Object.fromEntries(keys.map((key) => [key, Reflect.get(asked, key)])) };
}
