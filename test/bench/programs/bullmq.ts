// BullMQ as one would use it: behind the same bare route, with its worker in the same process.
import { serve } from "@hono/node-server";
import { Queue, Worker } from "bullmq";
import { Hono } from "hono";

const { redisPort, concurrency } = JSON.parse(process.argv[2] ?? "");
const connection = { host: "127.0.0.1", port: redisPort, maxRetriesPerRequest: null };

let finished = 0;
let lastAt = 0;
const queue = new Queue("bench", { connection });
const worker = new Worker("bench", async () => null, { connection, concurrency });
// Told once Redis has taken the end, and with appendfsync always synced it.
worker.on("completed", () => {
  finished++;
  lastAt = Date.now();
});

const app = new Hono();
app.post("/tasks", async (c) => {
  const { task, parameters } = await c.req.json();
  const job = await queue.add(task, parameters);
  return c.json({ id: job.id }, 202);
});
app.get("/finished", (c) => c.json({ finished, lastAt }));

await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
  console.log(`listens on http://127.0.0.1:${port}`),
);
process.once("SIGTERM", () => process.exit());
