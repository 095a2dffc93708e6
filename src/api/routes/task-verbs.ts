// What can be done to a task: cancel, pause, resume, restart, change, forget. The engine says what its state allows.
import { z } from "zod";
import { cancelGrades } from "../../engine/requests.ts";
import type { TaskView } from "../../task/record.ts";
import type { ApiParts } from "../parts.ts";
import { statusSchema, taskSchema, toWire } from "../record.ts";
import { json, type Method, type Route, route } from "../route.ts";
import { dueFields } from "../submission.ts";

export const changeSchema = z
  .strictObject({
    name: z.string().min(1).max(200),
    priority: z.int().min(-100).max(100),
    parameters: z.record(z.string(), z.unknown()),
    metadata: z.record(z.string(), z.unknown()).nullable(),
    ...dueFields,
  })
  .partial();

const cancelSchema = z.strictObject({
  grade: z
    .enum(cancelGrades)
    .nullish()
    .describe("cancel: at once. after_step: at its next checkpoint. Default cancel."),
});

const cleanupSchema = z.strictObject({
  max_age_seconds: z.number().min(0).nullish().describe("Only those that ended longer ago than this."),
  status: z
    .union([statusSchema, z.array(statusSchema)])
    .nullish()
    .describe("Only those that ended so."),
});

export const cleanupRoute = ({ tasks }: ApiParts): Route =>
  route({
    method: "post",
    path: "/tasks/cleanup",
    tag: "tasks",
    summary: "Forget ended tasks.",
    body: cleanupSchema.optional(),
    answers: { 200: z.strictObject({ removed: z.int().min(0) }) },
    async handle({ body }) {
      const status = typeof body?.status === "string" ? [body.status] : body?.status;
      const removed = await tasks.cleanup({
        ...(typeof body?.max_age_seconds === "number" ? { maxAgeSeconds: body.max_age_seconds } : {}),
        ...(status ? { status } : {}),
      });
      return json({ removed });
    },
  });

export const taskVerbRoutes = ({ tasks }: ApiParts): Route[] => {
  const verb = (
    method: Method,
    path: `/tasks/{id}${string}`,
    summary: string,
    run: (id: string) => Promise<TaskView>,
  ): Route =>
    route({
      method,
      path,
      tag: "tasks",
      summary,
      answers: { 200: taskSchema },
      handle: async ({ params }) => json(toWire(await run(params.id))),
    });
  const cancel = "Cancel a task; again while it is cancelling is no harm.";
  return [
    verb("delete", "/tasks/{id}", cancel, (id) => tasks.cancel(id)),
    route({
      method: "post",
      path: "/tasks/{id}/cancel",
      tag: "tasks",
      summary:
        "The same; with the grade `after_step` it goes on to its next checkpoint and is cancelled there.",
      body: cancelSchema.optional(),
      answers: { 200: taskSchema },
      handle: async ({ params, body }) =>
        json(toWire(await tasks.cancel(params.id, body?.grade ?? "cancel"))),
    }),
    verb("post", "/tasks/{id}/pause", "Pause a running task at its next checkpoint.", (id) =>
      tasks.pause(id),
    ),
    verb(
      "post",
      "/tasks/{id}/resume",
      "A paused task goes on; an ended one with a checkpoint continues there.",
      (id) => tasks.resume(id),
    ),
    verb("post", "/tasks/{id}/restart", "Run a failed, cancelled or interrupted task from the start.", (id) =>
      tasks.restart(id),
    ),
    route({
      method: "post",
      path: "/tasks/{id}/answer",
      tag: "tasks",
      summary: "Answer the question a paused task asks; it goes on. The first answer counts.",
      body: z.strictObject({ answer: z.unknown().describe("Fits `question.schema` of the record.") }),
      answers: { 200: taskSchema },
      handle: async ({ params, body }) => json(toWire(await tasks.answer(params.id, body.answer))),
    }),
    route({
      method: "patch",
      path: "/tasks/{id}",
      tag: "tasks",
      summary: "Change a task while it is pending.",
      body: changeSchema,
      answers: { 200: taskSchema },
      handle: async ({ params, body }) => json(toWire(await tasks.change(params.id, body))),
    }),
    route({
      method: "delete",
      path: "/tasks/{id}/cleanup",
      tag: "tasks",
      summary: "Forget an ended or interrupted task.",
      answers: { 204: null },
      async handle({ params }) {
        await tasks.remove(params.id);
        return new Response(null, { status: 204 });
      },
    }),
  ];
};
