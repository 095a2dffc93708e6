// The HTTP API as one function from request to response: security first, then the route, problems for all that fails.
import type { HttpBindings } from "@hono/node-server";
import { Asking } from "./asking.ts";
import { grant, grantedOrigin, isPreflight, preflightAnswer } from "./cross-origin.ts";
import { dialectRoutes, inItsForm } from "./dialects/dialects.ts";
import { Dispatcher } from "./dispatch.ts";
import type { ApiParts } from "./parts.ts";
import { problemResponse } from "./problem.ts";
import type { Route } from "./route.ts";
import { batchRoute } from "./routes/batch.ts";
import { deviceTaskRoutes } from "./routes/device-tasks.ts";
import { deviceRoutes } from "./routes/devices.ts";
import { docsRoutes } from "./routes/docs.ts";
import { eventRoutes, taskEventsRoute } from "./routes/events.ts";
import { groupRoutes } from "./routes/groups.ts";
import { healthRoutes } from "./routes/health.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { pluginRoutes } from "./routes/plugins.ts";
import { queueRoutes, statsRoute } from "./routes/queue.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { settingsRoutes } from "./routes/settings.ts";
import { stopRoute } from "./routes/stop.ts";
import { taskDetailRoutes } from "./routes/task-details.ts";
import { taskTypeRoutes } from "./routes/task-types.ts";
import { cleanupRoute, taskVerbRoutes } from "./routes/task-verbs.ts";
import { taskByIdRoutes, taskRoutes } from "./routes/tasks.ts";
import { refuse } from "./security.ts";
import { Hub } from "./streams/hub.ts";
import { Sockets } from "./streams/sockets.ts";

export interface Api {
  /** @param node what @hono/node-server gives along */
  fetch(request: Request, node: HttpBindings): Response | Promise<Response>;
  /** Everything that is answered, in the order of registration. */
  readonly routes: readonly Route[];
  readonly sockets: Sockets;
  readonly parts: ApiParts;
  readonly openStreams: number;
  /** Says goodbye to every stream (1001); new ones are refused. */
  closeStreams(): void;
}

export function createApi(parts: ApiParts): Api {
  const hub = new Hub(parts);
  const routes: Route[] = routesOf(parts, hub, () => routes);
  const dispatcher = new Dispatcher(routes, parts.limits, parts.log);
  return {
    fetch(request, { incoming, outgoing }) {
      const asking = new Asking(incoming);
      const origin = grantedOrigin(asking, parts.security);
      if (origin !== null && isPreflight(asking)) return grant(preflightAnswer(), origin);
      const refused = refuse(asking, parts.security);
      const answer = inItsForm(parts, asking.path, () =>
        refused
          ? problemResponse(refused, asking.path, parts.log)
          : dispatcher.answer(request, { asking, outgoing }),
      );
      return origin === null ? answer : Promise.resolve(answer).then((response) => grant(response, origin));
    },
    routes,
    sockets: new Sockets(parts, hub),
    parts,
    get openStreams() {
      return hub.size;
    },
    closeStreams: () => hub.close(),
  };
}

/** Fixed segments before `{id}`: the router takes the first that fits. */
const routesOf = (parts: ApiParts, hub: Hub, all: () => readonly Route[]): Route[] => [
  ...taskRoutes(parts),
  batchRoute(parts),
  cleanupRoute(parts),
  statsRoute(parts),
  ...taskByIdRoutes(parts),
  ...taskVerbRoutes(parts),
  taskEventsRoute(parts, hub),
  ...taskDetailRoutes(parts),
  ...groupRoutes(parts),
  ...taskTypeRoutes(parts),
  ...pluginRoutes(parts),
  ...queueRoutes(parts),
  ...scheduleRoutes(parts),
  ...deviceRoutes(parts),
  ...deviceTaskRoutes(parts),
  stopRoute(parts),
  ...dialectRoutes(parts),
  ...settingsRoutes(parts),
  ...eventRoutes(parts, hub),
  ...healthRoutes(parts),
  ...metricsRoutes(parts),
  ...docsRoutes(parts, all),
];
