// From a request to its route: Hono's router finds it; fixed addresses are found by their name alone. What a route
// throws becomes a problem here.
import { TrieRouter } from "hono/router/trie-router";
import { getPathNoStrict, tryDecodeURIComponent } from "hono/utils/url";
import { getOrMake } from "../lib/get-or-make.ts";
import type { Logger } from "../lib/logger.ts";
import { type BodyLimits, readJson } from "./body.ts";
import { problemResponse } from "./problem.ts";
import { type Bindings, type Params, type Ready, type Route, ready } from "./route.ts";
import { lost } from "./wayfinding.ts";

interface Found {
  readonly route: Ready;
  readonly params: Params;
}

export class Dispatcher {
  readonly #routes: readonly Route[];
  readonly #limits: BodyLimits;
  readonly #log: Logger;
  readonly #router = new TrieRouter<Ready>();
  /** By method, then by address. */
  readonly #fixed = new Map<string, Map<string, readonly Found[]>>();

  /** @param routes those that come first are asked first */
  constructor(routes: readonly Route[], limits: BodyLimits, log: Logger) {
    this.#routes = routes;
    this.#limits = limits;
    this.#log = log;
    for (const route of routes)
      this.#router.add(methodOf(route), route.path.replaceAll(/\{(\w+)\}/g, ":$1"), ready(route));
    for (const route of routes) if (!route.path.includes("{")) this.#remember(methodOf(route), route.path);
  }

  /** Never rejects. A HEAD is answered as a GET, without the body. */
  answer(request: Request, bindings: Bindings): Promise<Response> {
    if (request.method !== "HEAD") return this.#answer(request, request.method, bindings);
    return this.#answer(request, "GET", bindings).then((answer) => new Response(null, answer));
  }

  /** @param method of the routes that are looked for */
  async #answer(request: Request, method: string, { asking, outgoing }: Bindings): Promise<Response> {
    // A trailing slash leads where it leads without.
    const path = getPathNoStrict(request);
    try {
      const { url } = request;
      const { route, params } = this.#find(request, method, path);
      const query = route.queryOf(url);
      const body = route.bodyOf?.(await readJson(asking, this.#limits));
      return await route.handle({ asking, outgoing, url, params, query, body });
    } catch (error) {
      return problemResponse(error, path, this.#log);
    }
  }

  /** @throws UNKNOWN_ROUTE, METHOD_NOT_ALLOWED */
  #find(request: Request, method: string, path: string): Found {
    const all = this.#fixed.get(method)?.get(path) ?? this.#match(method, path);
    const found = all.find(({ route, params }) => route.isMeant(request.url, params));
    if (found) return found;
    throw lost(this.#routes, request.method, new URL(request.url).pathname);
  }

  #match(method: string, path: string): Found[] {
    const [matches] = this.#router.match(method, path);
    return matches.map(([route, params]) => ({ route, params: decoded(params) }));
  }

  #remember(method: string, path: string): void {
    const addresses = getOrMake(this.#fixed, method, () => new Map<string, readonly Found[]>());
    addresses.set(path, this.#match(method, path));
  }
}

const methodOf = ({ method }: Route): string => method.toUpperCase();

/** @param params values, where other routers give places of them */
const decoded = (params: object): Params =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, tryDecodeURIComponent(String(value))]),
  );
