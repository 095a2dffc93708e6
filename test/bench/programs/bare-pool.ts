// The ceiling of blocking tasks: Piscina alone. Prints how long each of its threads takes to weigh, and the tasks a second.
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";

const { threads, tasks, warmUp, rounds } = JSON.parse(process.argv[2] ?? "");
const before = process.memoryUsage.rss();
const pool = new Piscina<number, number>({
  filename: fileURLToPath(new URL("bare-pool-worker.mjs", import.meta.url)),
  minThreads: threads,
  maxThreads: threads,
});
const run = (count: number): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, () => pool.run(rounds)));

await run(warmUp);
const begun = performance.now();
await run(tasks);
const perSecond = (1000 * tasks) / (performance.now() - begun);
const bytesPerThread = (process.memoryUsage.rss() - before) / threads;
await pool.destroy();
console.log(JSON.stringify({ perSecond, bytesPerThread }));
