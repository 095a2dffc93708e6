// What stored tasks cost a boot, against a plain read and parse of the same bytes; and what each keeps of the memory.
import { cp, readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createLog } from "../../../src/log.ts";
import { snapshotName } from "../../../src/store/snapshot.ts";
import { TaskStore } from "../../../src/store/task-store.ts";
import { environment, startArmature } from "../armature.ts";
import { median, shown } from "../figures.ts";
import { type Row, ratioAtMost } from "../row.ts";
import type { Stage } from "../stage.ts";

interface Booted {
  readonly milliseconds: number;
  readonly heapUsed: number;
  readonly tasks: number;
}

export async function boot(stage: Stage): Promise<Row[]> {
  const { storedTasks, boots } = stage.scale;
  const [killed, ended] = await Promise.all([stored(stage, "SIGKILL"), stored(stage, "SIGTERM")]);
  const variants = [
    { what: `after kill -9, ${await kindOf(killed)}`, data: killed },
    { what: `after SIGTERM, ${await kindOf(ended)}`, data: ended },
    { what: "from a snapshot", data: await withSnapshot(await copyOf(stage, ended)) },
  ].map((variant) => ({ ...variant, ours: [] as number[], plain: [] as number[] }));
  const empty: Booted[] = [];
  const heaps: number[] = [];
  for (let round = 0; round < boots; round++) {
    empty.push(await bootOn(stage, await stage.folder()));
    for (const { data, ours, plain } of variants) {
      plain.push(
        (await stage.startOurs("plain-parse", [path.join(data, "tasks")]).answer<Booted>()).milliseconds,
      );
      const booted = await bootOn(stage, await copyOf(stage, data));
      if (booted.tasks !== storedTasks) throw new Error(`${booted.tasks} of ${storedTasks} tasks were read`);
      ours.push(booted.milliseconds);
      heaps.push(booted.heapUsed);
    }
  }
  const without = median(empty.map(({ milliseconds }) => milliseconds));
  const heapWithout = median(empty.map(({ heapUsed }) => heapUsed));
  const count = shown(storedTasks);
  return [
    ...variants.map(({ what, ours, plain }) => ({
      what: `boot with ${count} tasks ${what}`,
      measured: median(ours) - without,
      unit: "ms",
      ceiling: { what: "plain read and JSON.parse", value: median(plain) },
      goal: ratioAtMost(3),
      note: `boot: what the tasks add to createRuntime, which takes ${shown(without)} ms without any; each in a fresh process`,
    })),
    {
      what: `heap for each of ${count} tasks kept`,
      measured: (median(heaps) - heapWithout) / storedTasks / 1024,
      unit: "KiB",
      ceiling: null,
      goal: null,
    },
  ];
}

/** A data directory as a server left it that was ended with `signal`. */
async function stored(stage: Stage, signal: NodeJS.Signals): Promise<string> {
  const data = await stage.folder();
  const armature = await startArmature(stage, { data });
  await armature.pauseQueue();
  await armature.submitMany(stage.scale.storedTasks, "empty_task", 16);
  await stage.end(armature.program, signal);
  return data;
}

async function kindOf(data: string): Promise<string> {
  const names = await readdir(path.join(data, "tasks"));
  return names.includes(snapshotName) ? "from a snapshot" : "from the journal";
}

/** The store writes one as soon as it may. */
async function withSnapshot(data: string): Promise<string> {
  const store = new TaskStore({
    directory: data,
    logger: createLog("warn"),
    growth: { bytes: 0, changes: 0, files: 0 },
  });
  await store.read();
  while ((await kindOf(data)) !== "from a snapshot") await wait(5);
  await store.close();
  return data;
}

async function bootOn(stage: Stage, data: string): Promise<Booted> {
  const env = await environment(stage, { data });
  return stage.startOurs("boot", [], { nodeOptions: ["--expose-gc"], env }).answer<Booted>();
}

/** Each boot writes: it gets files of its own. */
async function copyOf(stage: Stage, data: string): Promise<string> {
  const copy = await stage.folder();
  await cp(data, copy, { recursive: true });
  return copy;
}
