// Alive: the process answers. Ready: it is able to work.
import { z } from "zod";
import type { ApiParts } from "../parts.ts";
import { json, type Route, route } from "../route.ts";

const readySchema = z
  .strictObject({ ready: z.boolean(), checks: z.record(z.string(), z.unknown()) })
  .meta({ id: "Readiness" });

export const healthRoutes = ({ health, version }: ApiParts): Route[] => [
  route({
    method: "get",
    path: "/health/live",
    tag: "health",
    summary: "The process answers.",
    answers: { 200: z.strictObject({ status: z.literal("ok"), version: z.string() }) },
    handle: () => json({ status: "ok", version }),
  }),
  route({
    method: "get",
    path: "/health/ready",
    tag: "health",
    summary: "Able to work: 200, else 503; each check with what it found.",
    answers: { 200: readySchema, 503: readySchema },
    handle() {
      const { ready, checks } = health();
      return json({ ready, checks }, ready ? 200 : 503);
    },
  }),
];
