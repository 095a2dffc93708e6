// Remembers what a store has acknowledged and refused, and holds what it tells later against it.
import { expect } from "vitest";
import type { QueuePause, StoredState, TaskStore } from "../../../src/engine/ports.ts";
import type { StoredTask } from "../../../src/task/record.ts";

/** A small record: the journal does not look inside, and there are many to write. */
export const tiny = (id: string, value: string): StoredTask =>
  ({ record: { id, value }, memo: { order: 1 } }) as unknown as StoredTask;

export type Step =
  | { readonly verb: "save" | "insist"; readonly values: Readonly<Record<string, string>> }
  | { readonly verb: "remove"; readonly ids: readonly string[] }
  | { readonly verb: "pause"; readonly paused: boolean };

type Values = ReadonlyMap<string, string>;

const queueKey = "the queue";
const pause: QueuePause = { because: "user", since: "2026-11-21T03:12:24.433Z", task_ids: [] };

/** What a step leaves under each key; absent for gone. */
function effectOf(step: Step): Map<string, string> {
  if (step.verb === "remove") return new Map(step.ids.map((id) => [id, "gone"]));
  if (step.verb === "pause") return new Map([[queueKey, step.paused ? "paused" : "gone"]]);
  return new Map(Object.entries(step.values));
}

export function perform(store: TaskStore, step: Step): Promise<void> {
  if (step.verb === "remove") return store.remove(step.ids);
  if (step.verb === "pause") return store.setQueuePause(step.paused ? pause : null);
  return store[step.verb](Object.entries(step.values).map(([id, value]) => tiny(id, value)));
}

export function valuesOf({ tasks, queuePause }: StoredState): Map<string, string> {
  const values = new Map(tasks.map(({ record }) => [record.id, tinyValue(record)]));
  if (queuePause) values.set(queueKey, "paused");
  return values;
}

const tinyValue = (record: StoredTask["record"]): string =>
  String((record as unknown as { value: string }).value);

/** What is there after these steps, all of them acknowledged. */
export function after(steps: readonly Step[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const step of steps)
    for (const [key, value] of effectOf(step)) value === "gone" ? values.delete(key) : values.set(key, value);
  return values;
}

export class Witness {
  readonly #certain = new Map<string, string>();
  readonly #underWay = new Set<Map<string, string>>();
  refusals = 0;

  /** Performs a step and remembers how it was answered; resolves with whether it was taken. */
  async watch(store: TaskStore, step: Step): Promise<boolean> {
    const effect = effectOf(step);
    this.#underWay.add(effect);
    try {
      await perform(store, step);
      for (const [key, value] of effect) this.#certain.set(key, value);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: "STORE_UNAVAILABLE" });
      this.refusals++;
      return false;
    } finally {
      this.#underWay.delete(effect);
    }
  }

  /** What was acknowledged is there, what was refused is not; what was under way may be, as a whole. */
  check(values: Values, what: string): void {
    const keys = new Set([...values.keys(), ...this.#certain.keys()]);
    for (const key of keys) {
      const found = values.get(key) ?? "gone";
      const allowed = [this.#certain.get(key) ?? "gone"];
      for (const effect of this.#underWay) if (effect.has(key)) allowed.push(effect.get(key) as string);
      expect(allowed, `${what}: ${key}`).toContain(found);
    }
    for (const effect of this.#underWay) {
      const there = [...effect].map(([key, value]) => (values.get(key) ?? "gone") === value);
      const already = [...effect].map(([key, value]) => (this.#certain.get(key) ?? "gone") === value);
      const changed = there.filter((_, index) => !already[index]);
      expect(new Set(changed).size, `${what}: a change came back in part`).toBeLessThanOrEqual(1);
    }
  }

  /** The store was opened anew: what was under way has been settled one way or the other. */
  settle(values: Values): void {
    this.#underWay.clear();
    this.#certain.clear();
    for (const [key, value] of values) this.#certain.set(key, value);
  }
}
