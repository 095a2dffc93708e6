// What to say where no route answers: 405 with what the path takes, else 404 with the nearest routes.
import { RuntimeError } from "../errors/runtime-error.ts";
import { nearest } from "../lib/nearest.ts";
import type { Route } from "./route.ts";

/** Words below /tasks that are never an id or a task's name, whether this version has a route for them or not. */
const reserved = new Set(["batch", "cleanup", "history", "stats"]);

export const isReserved = (routePath: string, segment: string | undefined): boolean =>
  segment !== undefined && routePath.startsWith("/tasks/{") && reserved.has(segment);

/** UNKNOWN_ROUTE or METHOD_NOT_ALLOWED. A HEAD is answered wherever a GET is. */
export function lost(routes: readonly Route[], method: string, path: string): RuntimeError {
  const bare = path.replace(/(?<=.)\/$/, "");
  const methods = routes
    .filter((route) => leadsTo(route.path, route.isExact ? path : bare))
    .map((route) => route.method.toUpperCase());
  if (methods.length > 0) {
    const allowed = [...new Set(methods.flatMap((one) => (one === "GET" ? ["GET", "HEAD"] : [one])))];
    return new RuntimeError("METHOD_NOT_ALLOWED", { method, path, allowed });
  }
  // Everything short is near to nothing at all.
  const known = bare === "/" ? [] : routes.map((route) => route.path);
  const near = nearest(bare, new Set(known)).flatMap((closest) =>
    routes
      .filter(({ path: taken }) => taken === closest)
      .map((route) => `${route.method.toUpperCase()} ${closest}`),
  );
  const hint = near.length > 0 ? `Did you mean ${near.join(" or ")}? ` : "";
  return new RuntimeError("UNKNOWN_ROUTE", { method, path, nearest: near, hint });
}

function leadsTo(routePath: string, path: string): boolean {
  const [wanted, given] = [routePath.split("/"), path.split("/")];
  return (
    wanted.length === given.length &&
    wanted.every((part, at) => (part.startsWith("{") ? given[at] !== "" : part === given[at])) &&
    !isReserved(routePath, given[2])
  );
}
