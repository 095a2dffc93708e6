// npm run bench: measures row by row, prints one table. `-- --quick` for a smoke run, `--json <file>` for a copy,
// `--only <row>` for some, `--profile <folder>` for CPU profiles of the Armature servers.
import { mkdir, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { isMet, type Row, ratioOf, type Skipped } from "./row.ts";
import { accepted } from "./rows/accepted.ts";
import { alignment } from "./rows/alignment.ts";
import { blocking } from "./rows/blocking.ts";
import { boot } from "./rows/boot.ts";
import { cancel } from "./rows/cancel.ts";
import { disk } from "./rows/disk.ts";
import { inProcess } from "./rows/in-process.ts";
import { isolated } from "./rows/isolated.ts";
import { lives } from "./rows/lives.ts";
import { progress } from "./rows/progress.ts";
import { queue } from "./rows/queue.ts";
import { schedules } from "./rows/schedules.ts";
import { start } from "./rows/start.ts";
import { steps } from "./rows/steps.ts";
import { stop } from "./rows/stop.ts";
import { workers } from "./rows/workers.ts";
import { full, quick } from "./scale.ts";
import { Stage } from "./stage.ts";
import { tableOf } from "./table.ts";

const measurements: Readonly<Record<string, (stage: Stage) => Promise<(Row | Skipped)[]>>> = {
  accepted,
  lives,
  disk,
  boot,
  progress,
  blocking,
  start,
  workers,
  cancel,
  stop,
  isolated,
  queue,
  "in-process": inProcess,
  schedules,
  alignment,
  steps,
};

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    only: { type: "string", multiple: true, default: Object.keys(measurements) },
    profile: { type: "string" },
  },
});

const stage = new Stage(values.quick ? quick : full, await profiling(values.profile));
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void stage.clear().finally(() => process.exit(1)));

const rows: (Row | Skipped)[] = [];
for (const name of values.only) {
  const measure = measurements[name];
  if (!measure)
    throw new Error(`There is no row '${name}'; there are ${Object.keys(measurements).join(", ")}.`);
  const begun = performance.now();
  try {
    rows.push(...(await measure(stage)));
  } finally {
    await stage.clear();
  }
  process.stderr.write(`measured ${name} in ${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
}

const machine = {
  node: process.version,
  processors: `${os.availableParallelism()} × ${os.cpus()[0]?.model ?? "unknown"}`,
  load_average: os.loadavg().map((load) => Number(load.toFixed(2))),
};
console.log(`Node ${machine.node}, ${machine.processors}, load average ${machine.load_average.join(" ")}\n`);
console.log(tableOf(rows));
if (values.json !== undefined) {
  const lines = rows.map((row) =>
    "skipped" in row ? row : { ...row, ratio: ratioOf(row), met: isMet(row) },
  );
  await writeFile(values.json, `${JSON.stringify({ ...machine, rows: lines }, null, 2)}\n`);
}

async function profiling(folder: string | undefined): Promise<string[]> {
  if (folder === undefined) return [];
  await mkdir(folder, { recursive: true });
  return ["--cpu-prof", `--cpu-prof-dir=${path.resolve(folder)}`];
}
