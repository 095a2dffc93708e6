// Tasks are due later, and the owner sets the clock: nobody starts before its time, nobody is forgotten.
import { expect } from "vitest";
import type { SubmitRequest } from "../../../src/engine/requests.ts";
import type { Run } from "../world.ts";
import type { Model, Part, Step } from "./model.ts";

/** What a submit asked for; it travels in the task's metadata. */
type Wish =
  /** On the clock that only grows. */
  | { readonly kind: "delay"; readonly end: number }
  /** On the wall clock. */
  | { readonly kind: "time"; readonly end: number };

/** So long may it take until the runtime sees that the clock was set. */
const lookMs = 60_000;

export function delays(): Part {
  const seenRuns = new WeakSet<Run>();
  /** Its owner gave it another time, or a boot made an end of it that depends on the wall clock. */
  const excused = new Set<string>();
  /** When a task was first seen waiting although its time had come. */
  const lateSince = new Map<string, number>();
  /** Its time has come, whatever the clock says now. */
  const reached = new Set<string>();

  const wishOf = ({ world }: Model, id: string): Wish | null => {
    const stored = world.store.tasks.get(id);
    if (stored?.memo.not_before === undefined || excused.has(id)) return null;
    return (stored.record.metadata?.due as Wish | undefined) ?? null;
  };

  const change: Step = (model) => {
    const { id } = model;
    if (id === undefined) return undefined;
    const due = model.pick([
      { name: "other" },
      { delay_seconds: null },
      { delay_seconds: 1 + model.roll(9) },
    ]);
    if (due && "delay_seconds" in due) excused.add(id);
    return model.ask(() => model.world.manager.change(id, due ?? {}));
  };

  const checkStarts = (model: Model): void => {
    const { clock, async, blocking } = model.world;
    for (const run of [...async.runs, ...blocking.runs]) {
      if (seenRuns.has(run)) continue;
      seenRuns.add(run);
      const { taskId, attempt } = run.work;
      const wish = attempt === 1 && !reached.has(taskId) ? wishOf(model, taskId) : null;
      const now = wish?.kind === "delay" ? clock.monotonic() : clock.now();
      if (wish) expect(now, `${taskId} started before its time`).toBeGreaterThanOrEqual(wish.end);
    }
  };

  const checkLate = (model: Model): void => {
    const { clock, manager } = model.world;
    for (const { id, status, attempt, blocked_by } of manager.live()) {
      const wish = status === "pending" && attempt === 0 ? wishOf(model, id) : null;
      if (!wish) continue;
      const now = clock.monotonic();
      const isReached = wish.end <= (wish.kind === "delay" ? now : clock.now());
      if (isReached) reached.add(id);
      const isLate = isReached && blocked_by.some(({ because }) => because === "not_before");
      if (wish.kind === "delay") expect(isLate, `${id} waits although its delay is over`).toBe(false);
      if (!isLate) lateSince.delete(id);
      else if (!lateSince.has(id)) lateSince.set(id, now);
      expect(now - (lateSince.get(id) ?? now), `${id} is forgotten`).toBeLessThanOrEqual(lookMs);
    }
  };

  return {
    steps: [setTheClock, change],
    wishes: dueOf,
    check(model) {
      checkStarts(model);
      checkLate(model);
    },
    rebooted({ world: { store } }) {
      lateSince.clear();
      for (const { record } of store.tasks.values())
        if ((record.metadata?.due as Wish | undefined)?.kind === "delay") excused.add(record.id);
    },
    async letGo({ world: { manager } }) {
      for (const { id } of manager.queue().later) await manager.change(id, { delay_seconds: null });
    },
  };
}

const setTheClock: Step = ({ world: { clock }, roll }) => {
  if (roll(8) === 0)
    clock.set(clock.now() + (roll(2) - 0.5) * 2 * roll([5_000, 3_600_000, 86_400_000][roll(3)] as number));
  return undefined;
};

/** Now and then. */
function dueOf({ world: { clock }, roll }: Model): Partial<SubmitRequest> {
  switch (roll(8)) {
    case 0: {
      const delay_seconds = roll(20_000) / 1000;
      const due: Wish = { kind: "delay", end: clock.monotonic() + delay_seconds * 1000 };
      return { delay_seconds, metadata: { due } };
    }
    case 1: {
      const end = clock.now() + roll(25_000) - 5_000;
      return { not_before: new Date(end).toISOString(), metadata: { due: { kind: "time", end } } };
    }
    default:
      return {};
  }
}
