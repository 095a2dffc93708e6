// From the start of the process to the first answer, and the memory it then holds, against a bare Hono server.
import { setTimeout as wait } from "node:timers/promises";
import { listening, spawnArmature } from "../armature.ts";
import { median } from "../figures.ts";
import { type Program, whyNotWeighed } from "../program.ts";
import { type Row, ratioAtMost, type Skipped } from "../row.ts";
import type { Stage } from "../stage.ts";

/** What a server needs to come to rest after its first answer. */
const restMs = 500;

interface Started {
  readonly ms: number;
  readonly megabytes: number;
}

export async function start(stage: Stage): Promise<(Row | Skipped)[]> {
  const ours: Started[] = [];
  const bare: Started[] = [];
  for (let round = 0; round < stage.scale.boots; round++) {
    bare.push(await started(stage, async () => stage.startOurs("bare-hono")));
    ours.push(await started(stage, () => spawnArmature(stage, { asShipped: true })));
  }
  const middle = (all: readonly Started[], what: keyof Started): number =>
    median(all.map((one) => one[what]));
  const first = {
    what: "time from spawn to the first answer of GET /health/live",
    measured: middle(ours, "ms"),
    unit: "ms",
    ceiling: { what: "bare Hono", value: middle(bare, "ms") },
    note: "start: with the settings and tasks of the project and an empty data directory",
  };
  const memory = "resident memory without workers";
  const weight: Row | Skipped =
    whyNotWeighed !== null
      ? { what: memory, skipped: whyNotWeighed }
      : {
          what: memory,
          measured: middle(ours, "megabytes"),
          unit: "MB",
          ceiling: { what: "bare Hono", value: middle(bare, "megabytes") },
          goal: ratioAtMost(1.6),
          note: "memory: at rest; the first async task adds the thread that watches the event loop, some 10 MB",
        };
  return [
    { ...first, goal: ratioAtMost(3.5) },
    {
      ...first,
      what: "the same, in all",
      ceiling: null,
      goal: { of: "measured", bound: "below", value: 1000 },
    },
    weight,
  ];
}

async function started(stage: Stage, spawn: () => Promise<Program>): Promise<Started> {
  const begun = performance.now();
  const program = await spawn();
  const url = await program.says(listening);
  const response = await fetch(`${url}/health/live`);
  if (!response.ok) throw new Error(`GET /health/live: ${response.status}`);
  await response.text();
  const ms = performance.now() - begun;
  await wait(restMs);
  const megabytes = whyNotWeighed === null ? (await program.residentBytes()) / 1e6 : Number.NaN;
  await stage.end(program);
  return { ms, megabytes };
}
