// Bytes for the disk: what the kernel was handed in whole pages, and how much the files grew.
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Armature, startArmature } from "../armature.ts";
import { sum } from "../figures.ts";
import { whyNotWeighed } from "../program.ts";
import type { Row, Skipped } from "../row.ts";
import type { Stage } from "../stage.ts";

const kept = 1000;
const note = `disk: whole pages that the process made dirty (/proc/<pid>/io write_bytes), and the bytes of the lines themselves, snapshots left out (they add at most half of the lines); the one file holds ${kept} tasks`;

export async function disk(stage: Stage): Promise<(Row | Skipped)[]> {
  if (whyNotWeighed !== null) return [{ what: "disk for a task", skipped: whyNotWeighed }];
  const folder = path.join(await stage.folder(), "data");
  const armature = await startArmature(stage, { data: folder, limits: { max_concurrent_tasks: 16 } });
  const record = await armature.submit("empty_task");
  const oneFile = stage.startOurs("one-file", [
    { folder: await stage.folder(), record, tasks: kept, changes: 30 },
  ]);
  const ceiling = {
    what: "lowdb in one synced file, a change",
    value: kib((await oneFile.answer<Bytes>()).bytes),
  };

  const rows: Row[] = [];
  const row = (what: string, bytes: number): void => {
    rows.push({ what, measured: kib(bytes), unit: "KiB", ceiling, goal: null, note });
  };
  for (const connections of [1, 16]) {
    await armature.pauseQueue();
    const accepted = await costOf(stage, armature, folder, connections, () => Promise.resolve());
    row(`disk for a task accepted, ${connections} at a time: pages`, accepted.pages);
    if (connections === 1) row("disk for a task accepted: lines", accepted.lines);
    await drain(armature);
    const lives = await costOf(stage, armature, folder, connections, () => drain(armature));
    row(`disk for a whole life, ${connections} at a time: pages`, lives.pages);
    if (connections === 1) row("disk for a whole life: lines", lives.lines);
  }
  return rows;
}

interface Bytes {
  readonly bytes: number;
}

const kib = (bytes: number): number => bytes / 1024;

async function costOf(
  stage: Stage,
  armature: Armature,
  folder: string,
  connections: number,
  settle: () => Promise<void>,
): Promise<{ pages: number; lines: number }> {
  const requests = stage.scale.diskTasks;
  const pages = await armature.program.writtenBytes();
  const lines = await sizeOf(folder);
  await armature.submitMany(requests, "empty_task", connections);
  await settle();
  return {
    pages: ((await armature.program.writtenBytes()) - pages) / requests,
    lines: ((await sizeOf(folder)) - lines) / requests,
  };
}

/** Everything that waits runs to its end. */
async function drain(armature: Armature): Promise<void> {
  await armature.ask("POST", "/queue/resume");
  while ((await armature.ask<{ queue_length: number }>("GET", "/tasks/stats")).queue_length > 0)
    await wait(20);
}

async function sizeOf(folder: string): Promise<number> {
  const tasks = path.join(folder, "tasks");
  const sizes = await Promise.all(
    (await readdir(tasks)).map(async (name) => (await stat(path.join(tasks, name))).size),
  );
  return sum(sizes);
}
