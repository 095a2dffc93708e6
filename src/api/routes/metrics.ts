// The runtime's figures, for Prometheus and whoever reads its format.
import type { ApiParts } from "../parts.ts";
import { type Route, route } from "../route.ts";

export const metricsRoutes = (parts: ApiParts): Route[] => [
  route({
    method: "get",
    path: "/metrics",
    tag: "health",
    summary: "The runtime's figures, in the text format of Prometheus.",
    answers: { 200: "text/plain" },
    async handle() {
      const metrics = await parts.metrics();
      return new Response(await metrics.text(), { headers: { "Content-Type": metrics.contentType } });
    },
  }),
];
