// The alignment stage's routes: start an operation (202), look at it, stop it.
import { z } from "zod";
import type { Asking } from "../../asking.ts";
import { idempotencyOf, submitHeaders } from "../../idempotency.ts";
import type { ApiParts } from "../../parts.ts";
import { inTheWordsOf } from "../../places.ts";
import { json, type Route, route } from "../../route.ts";
import { acceptedOf, acceptedSchema, operationSchema, toStage } from "./answer.ts";
import { type OperationType, operationOf, operationTypes, paths, stageTasks, taskOf } from "./operations.ts";
import { absoluteSchema, executeSchema, moveOf, parametersOf, relativeSchema } from "./request.ts";

const tag = "stage";
const accepted = { tag, method: "post", headers: submitHeaders, answers: { 202: acceptedSchema } } as const;

const alone = { types: stageTasks, setting: "limits.stage_single_task" };

export const stageRoutes = (parts: ApiParts): Route[] => [
  route({
    ...accepted,
    path: "/move/absolute",
    summary: "Stage: move an axis to a position.",
    body: absoluteSchema,
    handle: ({ asking, body }) => start(parts, asking, "axis_movement", moveOf(body)),
  }),
  route({
    ...accepted,
    path: "/move/relative",
    summary: "Stage: move an axis by a distance.",
    body: relativeSchema,
    handle: ({ asking, body }) => start(parts, asking, "axis_movement", moveOf(body)),
  }),
  ...operationTypes.filter((type) => type !== "axis_movement").map((type) => executeRoute(parts, type)),
  route({
    ...accepted,
    path: "/execute",
    summary: "Stage: start any of the five operations.",
    body: executeSchema,
    handle: ({ asking, body: { operation_type: type, ...rest } }) =>
      start(parts, asking, type, parametersOf(type, rest), ""),
  }),
  ...[...Object.values(paths), ""].flatMap((path) => attendingRoutes(parts, path)),
];

const executeRoute = (parts: ApiParts, type: OperationType): Route =>
  route({
    ...accepted,
    path: `${paths[type]}/execute`,
    summary: `Stage: start ${type}; the body has the parameters of ${taskOf(type)}.`,
    body: z.record(z.string(), z.unknown()).optional(),
    handle: ({ asking, body = {} }) => start(parts, asking, type, parametersOf(type, body)),
  });

/** An operation is found below any of the paths: a stop must not fail because it came by another door. */
const attendingRoutes = ({ tasks }: ApiParts, path: string): Route[] => [
  route({
    tag,
    method: "get",
    path: `${path}/status/{task_id}`,
    summary: "Stage: how far an operation is.",
    answers: { 200: operationSchema },
    handle: ({ params }) => json(toStage(tasks.get(params.task_id))),
  }),
  route({
    tag,
    method: "post",
    path: `${path}/stop/{task_id}`,
    summary: "Stage: stop an operation; what moves brakes at once.",
    answers: { 200: operationSchema },
    async handle({ params: { task_id: id } }) {
      operationOf(tasks.get(id));
      return json(toStage(await tasks.cancel(id)));
    },
  }),
];

/** @param path below which the client is told to look */
async function start(
  { tasks, limits }: ApiParts,
  asking: Asking,
  type: OperationType,
  parameters: Readonly<Record<string, unknown>>,
  path = paths[type],
): Promise<Response> {
  const request = { task: taskOf(type), parameters };
  const isAlone = limits.stageSingleTask ?? true;
  const record = await tasks
    .submit(request, idempotencyOf(asking, request), isAlone ? alone : undefined)
    .catch((error: unknown) => {
      // The stage's clients know of no `parameters`.
      throw inTheWordsOf(error, (parameter) => parameter);
    });
  const statusUrl = `${path}/status/${record.id}`;
  return json(acceptedOf(record, type, statusUrl), 202, { Location: statusUrl });
}
