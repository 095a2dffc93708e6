// How often a generator may yield while somebody looks on, and how much of it goes over the wire.
import { WebSocket } from "ws";
import type { WireTask } from "../../../src/api/record.ts";
import { type Armature, startArmature } from "../armature.ts";
import { median } from "../figures.ts";
import type { Row } from "../row.ts";
import type { Stage } from "../stage.ts";
import type { Yields } from "../tasks/_yields.ts";

export async function progress(stage: Stage): Promise<Row[]> {
  const { rounds, yieldSeconds: seconds } = stage.scale;
  const armature = await startArmature(stage);
  const watcher = await watch(armature);
  const ours: number[] = [];
  const frames: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    bare.push(rateOf(await stage.startOurs("bare-generator", [seconds]).answer<Yields>()));
    const { id } = await armature.submit("yielding_task", { seconds });
    const task = await armature.ask<WireTask>("GET", `/tasks/${id}?wait=60`);
    ours.push(rateOf(task.result as Yields));
    frames.push(mostInASecond(await watcher.framesOf(id)));
  }
  watcher.close();
  return [
    {
      what: "progress yields of an async generator, one WebSocket client",
      measured: median(ours),
      unit: "/s",
      ceiling: { what: "the same generator in a bare loop", value: median(bare) },
      goal: { of: "measured", bound: "at least", value: 100_000 },
    },
    {
      what: "progress frames of that task in any second on the wire",
      measured: Math.max(...frames),
      unit: "/s",
      ceiling: null,
      goal: { of: "measured", bound: "at most", value: 30 },
    },
  ];
}

const rateOf = ({ yields, seconds }: Yields): number => yields / seconds;

function mostInASecond(times: readonly number[]): number {
  const within = (start: number): number => times.filter((at) => at >= start && at < start + 1000).length;
  return Math.max(0, ...times.map(within));
}

interface Watcher {
  /** When frames of progress came, in milliseconds, once the task's end has come. */
  framesOf(id: string): Promise<number[]>;
  close(): void;
}

async function watch({ url }: Armature): Promise<Watcher> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws`);
  const frames = new Map<string, number[]>();
  const ended = new Set<string>();
  let onEnd = (): void => undefined;
  await new Promise<void>((resolve, reject) => {
    socket.on("error", reject);
    socket.on("message", (data) => {
      const { type, task_id: id } = JSON.parse(String(data));
      if (type === "snapshot") resolve();
      if (type === "task_progress") frames.set(id, [...(frames.get(id) ?? []), performance.now()]);
      if (type !== "task_completed") return;
      ended.add(id);
      onEnd();
    });
  });
  return {
    async framesOf(id) {
      while (!ended.has(id))
        await new Promise<void>((resolve) => {
          onEnd = resolve;
        });
      return frames.get(id) ?? [];
    },
    close: () => socket.close(),
  };
}
