// A route as data: method, path, what it takes, what it answers, and the handler. OpenAPI and the tests read the same.
import type { Context, Hono } from "hono";
import type { z } from "zod";
import { RuntimeError } from "../errors/runtime-error.ts";
import { check } from "../settings/strict.ts";
import { type BodyLimits, readJson } from "./body.ts";
import { isReserved } from "./wayfinding.ts";

export type Method = "get" | "post" | "patch" | "delete";

/** What an answer of this status carries: a schema of JSON, a media type, or nothing. */
export type Answer = z.ZodType | string | null;

export interface Route {
  readonly method: Method;
  /** As OpenAPI writes it: `/tasks/{id}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  /** Request headers that mean something here, with what they mean. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: z.ZodType;
  readonly answers: Readonly<Record<number, Answer>>;
  handle(request: Input): Response | Promise<Response>;
}

export interface Input<Query = unknown, Body = unknown> {
  readonly c: Context;
  readonly query: Query;
  readonly body: Body;
}

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;

/** Types the handler from the schemas. */
export function route<
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(
  definition: Omit<Route, "query" | "body" | "handle"> & {
    readonly query?: Q;
    readonly body?: B;
    handle(request: Input<Output<Q>, Output<B>>): Response | Promise<Response>;
  },
): Route {
  return definition as unknown as Route;
}

export function register(app: Hono, definition: Route, limits: BodyLimits): void {
  const { query, body } = definition;
  const mayBeReserved = definition.path.startsWith("/tasks/{");
  app.on(definition.method.toUpperCase(), honoPath(definition.path), async (c, next) => {
    if (mayBeReserved && isReserved(definition.path, c.req.path.split("/")[2])) return next();
    return definition.handle({
      c,
      query: query && validQuery(queryIn(c.req.url), query),
      body: body && valid(await readJson(c.req.raw, limits), body),
    });
  });
}

export const json = (value: unknown, status = 200, headers?: Readonly<Record<string, string>>): Response =>
  new Response(JSON.stringify(value), {
    status,
    headers: { "Content-Type": "application/json", ...headers },
  });

const honoPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ":$1");

/** @throws INVALID_REQUEST with every field that does not fit */
export function valid<S extends z.ZodType>(value: unknown, schema: S): z.output<S> {
  const checked = check(schema, value);
  if (checked.issues) throw new RuntimeError("INVALID_REQUEST", { errors: checked.issues });
  return checked.data;
}

/** A key that is given more than once counts as a list with commas. @throws INVALID_REQUEST */
export function validQuery<S extends z.ZodObject>(text: string, schema: S): z.output<S> {
  const query = new Map<string, string>();
  for (const [name, value] of text === "" ? [] : new URLSearchParams(text))
    query.set(name, query.has(name) ? `${query.get(name)},${value}` : value);
  return valid(Object.fromEntries(query), schema);
}

const queryIn = (url: string): string => {
  const start = url.indexOf("?");
  return start === -1 ? "" : url.slice(start + 1);
};
