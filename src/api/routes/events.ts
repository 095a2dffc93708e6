// What happens, as a stream of server-sent events or as JSON. Where WebSockets connect, plain HTTP is told so.
import { z } from "zod";
import { RuntimeError } from "../../errors/runtime-error.ts";
import { eventTypes } from "../../events/catalogue.ts";
import type { ApiParts } from "../parts.ts";
import { sinceQuery } from "../query.ts";
import { json, type Route, route } from "../route.ts";
import { eventFeed, eventsOf, knownEvents, oneTaskFeed } from "../streams/feed.ts";
import type { Hub } from "../streams/hub.ts";
import { lastSeen, streamEvents, wantsStream } from "../streams/sse.ts";

const eventSchema = z
  .looseObject({
    type: z.enum(Object.keys(eventTypes)),
    task_id: z.string().nullable(),
    timestamp: z.iso.datetime(),
    seq: z.int().min(1).describe("Grows by one; never repeats, not even across a restart."),
  })
  .meta({ id: "Event", description: "docs/events.md says what each type adds." });

const headers = {
  Accept: "`text/event-stream` for a stream, `application/json` for what is known so far.",
  "Last-Event-ID": "The last number seen; what came after it is replayed.",
};
const answers = { 200: z.array(eventSchema) };

export const eventRoutes = (parts: ApiParts, hub: Hub): Route[] => [
  route({
    method: "get",
    path: "/events",
    tag: "events",
    summary: "A snapshot first, then every event; a stream unless JSON is asked for.",
    query: sinceQuery,
    headers,
    answers,
    handle({ query, ...bindings }) {
      const since = lastSeen(bindings.asking, query.since);
      return wantsStream(bindings.asking, true)
        ? streamEvents(bindings, hub, parts.clock, eventFeed(parts), since)
        : json(knownEvents(parts.events, since));
    },
  }),
  ...["/ws", "/ws/tasks", "/ws/device"].map((path) =>
    route({
      method: "get",
      path,
      tag: "events",
      summary: socketSummaries[path] as string,
      query: sinceQuery,
      answers: { 101: null },
      handle() {
        throw new RuntimeError("WEBSOCKET_EXPECTED", { path });
      },
    }),
  ),
];

const socketSummaries: Readonly<Record<string, string>> = {
  "/ws": "WebSocket: a snapshot (or with `since` a replay), then every event.",
  "/ws/tasks": "WebSocket: `task.update` with the whole task, for each live one and then for each change.",
  "/ws/device": "WebSocket: `device.status` with the whole device, for each and then for each change.",
};

export const taskEventsRoute = (parts: ApiParts, hub: Hub): Route =>
  route({
    method: "get",
    path: "/tasks/{id}/events",
    tag: "tasks",
    summary: "What is known of this task; with `Accept: text/event-stream` also what comes.",
    query: sinceQuery,
    headers,
    answers,
    handle({ params, query, ...bindings }) {
      const { id } = parts.tasks.get(params.id);
      const since = lastSeen(bindings.asking, query.since);
      return wantsStream(bindings.asking, false)
        ? streamEvents(bindings, hub, parts.clock, oneTaskFeed(parts, id), since)
        : json(eventsOf(parts.events, id, since));
    },
  });
