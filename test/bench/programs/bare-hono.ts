// The ceiling of everything over HTTP: Hono with one route that echoes JSON, and one that says it lives.
import { serve } from "@hono/node-server";
import { Hono } from "hono";

const app = new Hono();
app.post("/tasks", async (c) => c.json(await c.req.json(), 202));
app.get("/health/live", (c) => c.json({ status: "ok" }));

serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
  console.log(`listens on http://127.0.0.1:${port}`),
);
process.once("SIGTERM", () => process.exit());
