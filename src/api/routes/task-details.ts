// What belongs to one task: its log lines, its files, its result.
import { z } from "zod";
import { RuntimeError } from "../../errors/runtime-error.ts";
import { keptResult } from "../../task/kept-result.ts";
import { bundleOf, bundleSchema, logEntrySchema } from "../bundle.ts";
import type { OpenFile } from "../files.ts";
import type { ApiParts } from "../parts.ts";
import { artifactSchema } from "../record.ts";
import { json, type Route, route } from "../route.ts";

const linkedArtifactSchema = artifactSchema
  .extend({ links: z.strictObject({ download: z.string() }) })
  .meta({ id: "LinkedArtifact" });

export const taskDetailRoutes = (parts: ApiParts): Route[] => [
  route({
    method: "get",
    path: "/tasks/{id}/logs",
    tag: "tasks",
    summary: "The task's last log lines, oldest first.",
    answers: { 200: z.array(logEntrySchema) },
    handle: async ({ params }) => json(await parts.tasks.logs(params.id)),
  }),
  route({
    method: "get",
    path: "/tasks/{id}/bundle",
    tag: "tasks",
    summary:
      "All that is known of a task as one document, for a bug report. Holds no secrets of the settings.",
    answers: { 200: bundleSchema },
    async handle({ params }) {
      const bundle = await bundleOf(parts, params.id);
      const file = `attachment; filename="armature-${bundle.task.task}-${bundle.task.id.slice(0, 8)}.json"`;
      return json(bundle, 200, { "Content-Disposition": file });
    },
  }),
  route({
    method: "get",
    path: "/tasks/{id}/artifacts",
    tag: "tasks",
    summary: "The files the task registered.",
    answers: { 200: z.array(linkedArtifactSchema) },
    handle({ params }) {
      const { id, artifacts } = parts.tasks.get(params.id);
      const linked = artifacts.map((artifact) => ({
        ...artifact,
        links: { download: `/tasks/${id}/artifacts/${encodeURIComponent(artifact.name)}` },
      }));
      return json(linked);
    },
  }),
  route({
    method: "get",
    path: "/tasks/{id}/artifacts/{name}",
    tag: "tasks",
    summary: "One of these files.",
    answers: { 200: "application/octet-stream" },
    async handle({ params }) {
      const { name } = params;
      const { artifacts } = parts.tasks.get(params.id);
      const artifact = artifacts.findLast((one) => one.name === name);
      if (!artifact)
        throw new RuntimeError("FILE_NOT_FOUND", {
          path: name,
          directories: artifacts.map((one) => one.name),
        });
      return download(await parts.files.open(artifact.file), artifact.type);
    },
  }),
  route({
    method: "get",
    path: "/tasks/{id}/result",
    tag: "tasks",
    summary: "What the task returned, however large.",
    answers: { 200: z.unknown() },
    async handle({ params }) {
      const task = parts.tasks.get(params.id);
      if (task.status !== "completed")
        throw new RuntimeError("WRONG_STATE", {
          status: task.status,
          verb: "show a result",
          allowed: ["completed"],
        });
      const file = keptResult(task);
      return file === null ? json(task.result) : download(await parts.files.open(file), "application/json");
    },
  }),
];

/** A task decides what it registers: no browser may take such a file for a page of ours. */
const download = ({ bytes, stream }: OpenFile, type: string): Response =>
  new Response(stream, {
    headers: {
      "Content-Type": /^[\w.+-]+\/[\w.+-]+(;.*)?$/.test(type) ? type : "application/octet-stream",
      "Content-Length": String(bytes),
      "X-Content-Type-Options": "nosniff",
      "Content-Security-Policy": "sandbox; default-src 'none'",
    },
  });
