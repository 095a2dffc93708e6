// StoryCore's two endpoints: look at a task, cancel it. What they answer gets its envelope in app.ts.
import { z } from "zod";
import { isRuntimeError, RuntimeError } from "../../../errors/runtime-error.ts";
import type { ApiParts } from "../../parts.ts";
import { json, type Route, route } from "../../route.ts";
import { errorSchema, successOf } from "./envelope.ts";
import { storyCoreTaskSchema, toStoryCore } from "./task.ts";

const idField = z.string().min(1).describe("The task's id.");
const optionalId = z.strictObject({ task_id: idField.optional() });

const cancelledSchema = z
  .strictObject({
    task_id: z.uuid(),
    cancelled: z.boolean().describe("False where the task had ended before."),
    message: z.string(),
  })
  .meta({ id: "StoryCoreCancellation" });

const common = { tag: "storycore", failure: errorSchema } as const;

export const storyCoreRoutes = ({ tasks }: Pick<ApiParts, "tasks">): Route[] => [
  route({
    ...common,
    method: "get",
    path: "/storycore.task.status",
    summary: "StoryCore: the current status of a task.",
    query: z.strictObject({ task_id: idField }),
    answers: { 200: successOf(storyCoreTaskSchema) },
    handle: ({ query }) => json(toStoryCore(tasks.get(query.task_id))),
  }),
  route({
    ...common,
    method: "post",
    path: "/storycore.task.cancel",
    summary: "StoryCore: cancel a task. Its id stands in the body or behind the question mark.",
    query: optionalId,
    body: optionalId.optional(),
    answers: { 200: successOf(cancelledSchema) },
    async handle({ query, body }) {
      const id = theOne(body?.task_id, query.task_id);
      return json({ task_id: id, ...(await cancel(tasks, id)) });
    },
  }),
];

/** @throws INVALID_REQUEST where there is none, or two that differ */
function theOne(inBody: string | undefined, inQuery: string | undefined): string {
  const id = inBody ?? inQuery;
  if (id !== undefined && (inQuery ?? id) === id) return id;
  const message =
    id === undefined
      ? "expected the id of a task, found nothing"
      : `the body says '${inBody}' and the query '${inQuery}'; give one of the two`;
  throw new RuntimeError("INVALID_REQUEST", { errors: [{ path: "task_id", message }] });
}

/** To come too late is no error here. */
async function cancel(
  tasks: ApiParts["tasks"],
  id: string,
): Promise<{ cancelled: boolean; message: string }> {
  try {
    await tasks.cancel(id);
    return { cancelled: true, message: "Task cancellation requested" };
  } catch (error) {
    if (!isRuntimeError(error) || error.code !== "WRONG_STATE") throw error;
    return { cancelled: false, message: `Task is already ${error.details.status}` };
  }
}
