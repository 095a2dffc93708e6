// A program that embeds the runtime: how long its verbs take, and what an ended task costs in memory while it is kept.
import { createRuntime, Task } from "../../../src/index.ts";
import { quantile } from "../figures.ts";

const { dataDirectory, submits, kept } = JSON.parse(process.argv[2] ?? "");

class EmptyTask extends Task.with({ name: "empty_task" }) {
  async run() {
    return null;
  }
}

class SleepingTask extends Task.with({ name: "sleeping_task" }) {
  async run(_: unknown, ctx: { sleep(ms: number): Promise<void> }) {
    await ctx.sleep(3_600_000);
  }
}

const { tasks, close } = await createRuntime({
  dataDirectory,
  tasks: [EmptyTask, SleepingTask],
  log: "warn",
  settings: { retention: { max_finished_tasks: 1_000_000 } },
});

const took: Record<"submit" | "get" | "cancel", number[]> = { submit: [], get: [], cancel: [] };
async function timed<T>(verb: keyof typeof took, work: () => T): Promise<Awaited<T>> {
  const begun = performance.now();
  const done = await work();
  took[verb].push(performance.now() - begun);
  return done;
}

for (let turn = 0; turn < submits * 1.2; turn++) {
  if (turn === Math.round(submits * 0.2)) for (const list of Object.values(took)) list.length = 0; // warm by now
  const { id } = await timed("submit", () => tasks.submit("sleeping_task"));
  await timed("get", () => tasks.get(id));
  while (tasks.get(id).status === "pending") await new Promise(setImmediate);
  await timed("cancel", () => tasks.cancel(id));
  await tasks.waitFor(id);
}

const heap = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};
await tasks.cleanup();
const before = heap();
for (let left = kept; left > 0; left -= 100) {
  const some = await Promise.all(Array.from({ length: 100 }, () => tasks.submit("empty_task")));
  await Promise.all(some.map(({ id }) => tasks.waitFor(id)));
}
const bytesPerKept = (heap() - before) / kept;
await close();

const verbs = Object.fromEntries(
  Object.entries(took).map(([verb, ms]) => [verb, { p50: quantile(ms, 0.5), p99: quantile(ms, 0.99) }]),
);
console.log(JSON.stringify({ verbs, bytesPerKept }));
