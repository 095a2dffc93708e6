// The OpenAPI document, made of the routes and of the task types of this moment. Loaded when somebody asks for it.
import { createRoute, OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import type { TaskType, TaskTypes } from "../engine/ports.ts";
import { problemSchema } from "./problem.ts";
import type { Answer, Route } from "./route.ts";
import { submitNamedSchema } from "./submission.ts";

type Json = Record<string, unknown>;

export interface OpenApiDocument extends Json {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Json>>;
  readonly components: { schemas: Record<string, Json> };
}

/** OpenAPI 3.1. */
export function openApiDocument(
  routes: readonly Route[],
  types: TaskTypes,
  version: string,
): OpenApiDocument {
  const { openAPIRegistry, getOpenAPI31Document } = new OpenAPIHono();
  openAPIRegistry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
  for (const definition of routes) openAPIRegistry.registerPath(createRoute(described(definition)));
  const document = getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Armature", version, description: "A task runtime for machines." },
    security: [{ token: [] }, {}],
  }) as unknown as OpenApiDocument;
  for (const name of types.names().toSorted()) {
    const type = types.get(name);
    if (type) addTaskType(document, type);
  }
  return document;
}

function described({ method, path, tag, summary, query, headers, body, answers, failure }: Route) {
  const isOptional = body?.safeParse(undefined).success === true;
  return {
    method,
    path,
    tags: [tag],
    summary,
    operationId: operationOf(method, path),
    request: {
      ...(path.includes("{") ? { params: z.object(parametersOf(path)) } : {}),
      ...(query ? { query } : {}),
      ...(headers ? { headers: z.object(textFields(headers)) } : {}),
      ...(body
        ? { body: { required: !isOptional, content: { "application/json": { schema: unwrapped(body) } } } }
        : {}),
    },
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [status, answerOf(status, answer)]),
      ),
      default: {
        description: "A problem: what is wrong, and what to do about it",
        content: failure
          ? { "application/json": { schema: failure } }
          : { "application/problem+json": { schema: problemSchema } },
      },
    },
  };
}

const descriptions: Readonly<Record<string, string>> = {
  101: "The connection is a WebSocket from here on",
  200: "Done",
  201: "Made, and durable",
  202: "Accepted, and durable",
  204: "Done, nothing to show",
  503: "Not able to work",
};

function answerOf(status: string, answer: Answer) {
  const description = descriptions[status] ?? "Done";
  if (answer === null) return { description };
  if (typeof answer === "string")
    return { description, content: { [answer]: { schema: { type: "string" as const, format: "binary" } } } };
  return { description, content: { "application/json": { schema: answer } } };
}

const unwrapped = (schema: z.ZodType): z.ZodType =>
  schema instanceof z.ZodOptional ? (schema.unwrap() as z.ZodType) : schema;

const parametersOf = (path: string): Record<string, z.ZodType> =>
  Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, z.string()]));

const textFields = (described: Readonly<Record<string, string>>): Record<string, z.ZodType> =>
  Object.fromEntries(
    Object.entries(described).map(([name, meaning]) => [name, z.string().optional().describe(meaning)]),
  );

/** `post /tasks/{id}/pause` -> `post_tasks_id_pause`: names for clients that are made from this document. */
const operationOf = (method: string, path: string): string =>
  [method, ...(path.match(/\w+/g) ?? [])].join("_").replaceAll("-", "_");

/** Each task type gets a path of its own, with the schema of its parameters, so that clients and forms can be typed. */
function addTaskType(document: OpenApiDocument, type: TaskType): void {
  const { schemas } = document.components;
  const generic = document.paths["/tasks/{task_name}"]?.post;
  if (!generic) return;
  const { $schema: _, ...submit } = z.toJSONSchema(submitNamedSchema, { io: "input" });
  const component = `${type.name}.parameters`;
  const pointer = `#/components/schemas/${component}`;
  schemas[component] = type.parametersSchema ? rebased(type.parametersSchema, pointer) : { type: "object" };
  const properties = { ...submit.properties, parameters: { $ref: pointer } };
  document.paths[`/tasks/${type.name}`] = {
    post: {
      ...generic,
      operationId: `submit_${type.name}`,
      tags: [type.category],
      summary: type.description ?? `Submit ${type.name}.`,
      parameters: (generic.parameters as Json[]).filter((parameter) => parameter.in !== "path"),
      requestBody: { content: { "application/json": { schema: { ...submit, properties } } } },
    },
  };
}

/** A schema moved below `pointer`: what it says about itself moves along. */
function rebased(schema: object, pointer: string): Json {
  const { $schema: _, $id: __, ...rest } = schema as Json;
  return JSON.parse(JSON.stringify(rest), (key, value: unknown) =>
    key === "$ref" && typeof value === "string" && value.startsWith("#") ? pointer + value.slice(1) : value,
  ) as Json;
}
