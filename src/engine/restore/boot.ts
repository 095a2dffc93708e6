// The beginning of the engine: what was stored becomes what it lives with, on the disk first. Nothing starts here.
import type { Clock } from "../../lib/clock.ts";
import type { StoredTask } from "../../task/record.ts";
import type { Board } from "../board/board.ts";
import type { Entry } from "../board/entry.ts";
import type { Statistics } from "../board/statistics.ts";
import type { Machine } from "../machine/port.ts";
import type { Limits, TaskStore, TaskTypes } from "../ports.ts";
import type { QueuePauses } from "../queue/pauses.ts";
import { interruptedInMotion } from "./caution.ts";
import { restore } from "./restore.ts";

export interface BootDeps {
  readonly clock: Clock;
  readonly types: TaskTypes;
  readonly store: TaskStore;
  readonly limits: () => Limits;
  readonly crashedIn?: string | null;
  readonly board: Board;
  readonly pauses: QueuePauses;
  readonly statistics: Statistics;
  readonly machine: Machine;
  readonly order: { last: number };
  readonly enqueue: (entry: Entry) => void;
}

export async function boot(deps: BootDeps): Promise<void> {
  const { store, types, clock, crashedIn = null, board, pauses, statistics, machine } = deps;
  const stored = await store.read();
  const { tasks, changed, lastOrder } = restore(stored.tasks, types, clock.now(), crashedIn);
  if (changed.length > 0) await store.insist(changed);
  deps.order.last = lastOrder;
  await pauses.restore(stored.queuePause, interruptedIn(stored.tasks, deps));
  // Whoever stopped the machine has not yet said that it may move again.
  if (stored.queuePause?.because === "stopped") await machine.stop();
  board.load(tasks);
  for (const entry of board.live) if (entry.stored.record.status === "pending") deps.enqueue(entry);
  for (const entry of board.ended) statistics.take(entry.stored.record);
}

function interruptedIn(stored: readonly StoredTask[], { types, limits, machine }: BootDeps): string[] {
  if (!limits().pauseAfterInterruptedHardware) return [];
  return interruptedInMotion(stored, types, (name) => machine.moves(name));
}
