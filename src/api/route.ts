// A route as data: method, path, what it takes, what it answers, and the handler. OpenAPI and the tests read the same.
import type { ServerResponse } from "node:http";
import type { z } from "zod";
import { RuntimeError } from "../errors/runtime-error.ts";
import { check } from "../settings/strict.ts";
import type { Asking } from "./asking.ts";
import { givenFields } from "./given-fields.ts";
import { isReserved } from "./wayfinding.ts";

export type Method = "get" | "post" | "patch" | "delete";

/** What an answer of this status carries: a schema of JSON, a media type, or nothing. */
export type Answer = z.ZodType | string | null;

export interface Route {
  readonly method: Method;
  /** As OpenAPI writes it: `/tasks/{id}`. */
  readonly path: string;
  /** A trailing slash leads elsewhere: for what must not happen by an id that was left empty. */
  readonly isExact?: boolean;
  readonly tag: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  /** Request headers that mean something here, with what they mean. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: z.ZodType;
  readonly answers: Readonly<Record<number, Answer>>;
  /** How it says that it failed, where that is not a problem. */
  readonly failure?: z.ZodType;
  handle(request: Input): Response | Promise<Response>;
}

/** What a request comes with. */
export interface Bindings {
  readonly asking: Asking;
  readonly outgoing: Pick<ServerResponse, "destroy">;
}

export interface Input<Path extends string = string, Query = unknown, Body = unknown> extends Bindings {
  /** The whole address that was asked for. */
  readonly url: string;
  readonly params: ParamsOf<Path>;
  readonly query: Query;
  readonly body: Body;
}

/** `/tasks/{id}` -> `{ id: string }` */
type ParamsOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [Key in Name]: string } & ParamsOf<Rest>
  : unknown;

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;

/** Types the handler from path and schemas. */
export function route<
  const P extends string,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(
  definition: Omit<Route, "path" | "query" | "body" | "handle"> & {
    readonly path: P;
    readonly query?: Q;
    readonly body?: B;
    handle(request: Input<P, Output<Q>, Output<B>>): Response | Promise<Response>;
  },
): Route {
  return definition as unknown as Route;
}

export type Params = Readonly<Record<string, string>>;

/** A route with the checks before it. */
export interface Ready {
  readonly handle: Route["handle"];
  /** False where the address is not this route's after all. */
  isMeant(url: string, params: Params): boolean;
  /** @throws INVALID_REQUEST */
  queryOf(url: string): unknown;
  /** Undefined where it takes no body. @throws INVALID_REQUEST */
  readonly bodyOf: ((sent: unknown) => unknown) | undefined;
}

export function ready({ path, isExact = false, query, body, handle }: Route): Ready {
  const takesParams = path.includes("{");
  // Most requests ask nothing: what the schema makes of that is known. Undefined where it asks for something.
  const unasked = query && check(query, {}).data;
  return {
    handle,
    isMeant(url, params) {
      if (takesParams && isReserved(path, params.id ?? params.task_name)) return false;
      return !isExact || new URL(url).pathname === path;
    },
    queryOf: (url) =>
      query && (unasked === undefined || url.includes("?")) ? validQuery(queryIn(url), query) : unasked,
    bodyOf: body && checkOf(body),
  };
}

export const json = (value: unknown, status = 200, headers?: Readonly<Record<string, string>>): Response =>
  jsonText(JSON.stringify(value), status, headers);

export const jsonText = (
  text: string,
  status: number,
  headers?: Readonly<Record<string, string>>,
): Response =>
  new Response(text, {
    status,
    headers: { "Content-Type": "application/json", ...headers },
  });

/** @throws INVALID_REQUEST with every field that does not fit */
export function valid<S extends z.ZodType>(value: unknown, schema: S): z.output<S> {
  const checked = check(schema, value);
  if (checked.issues) throw new RuntimeError("INVALID_REQUEST", { errors: checked.issues });
  return checked.data;
}

function checkOf(schema: z.ZodType): (value: unknown) => unknown {
  const quick = givenFields(schema);
  return (value) => quick?.(value) ?? valid(value, schema);
}

/** A key that is given more than once counts as a list with commas. @throws INVALID_REQUEST */
export function validQuery<S extends z.ZodObject>(text: string, schema: S): z.output<S> {
  const query = new Map<string, string>();
  for (const [name, value] of text === "" ? [] : new URLSearchParams(text))
    query.set(name, query.has(name) ? `${query.get(name)},${value}` : value);
  return valid(Object.fromEntries(query), schema);
}

const queryIn = (url: string): string => url.split("?", 2)[1] ?? "";
