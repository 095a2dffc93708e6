// What every task store must do, whatever lies beneath it: registered as tests for a given kind of store.
import { afterEach, describe, expect, test } from "vitest";
import type { TaskStore } from "../../src/engine/ports.ts";
import { noProgress } from "../../src/task/progress.ts";
import type { StoredTask } from "../../src/task/record.ts";

/** One place where tasks are kept: opened again it tells what was stored. */
export interface StorePlace {
  open(): Promise<TaskStore & { close(): Promise<void> }>;
  dispose(): Promise<void>;
}

/** A whole record; `change` says what matters to the test. */
export function storedTask(
  id: string,
  change: Partial<StoredTask["record"]> = {},
  memo: Partial<StoredTask["memo"]> = {},
): StoredTask {
  return {
    record: {
      id,
      name: "count",
      task: "count_task",
      action: "count",
      category: "example",
      parameters: { steps: 10 },
      is_exclusive: false,
      is_blocking: false,
      lane: "async",
      status: "pending",
      progress: noProgress,
      result: null,
      error: null,
      failure: null,
      partial_result: null,
      attempt: 0,
      attempts: [],
      priority: 0,
      metadata: null,
      user_context: null,
      group: null,
      depends_on: [],
      question: null,
      source: { file: "community-tasks/count_task.ts", hash: "0".repeat(64) },
      artifacts: [],
      created_at: "2026-11-01T00:00:00.000Z",
      started_at: null,
      completed_at: null,
      updated_at: "2026-11-01T00:00:00.000Z",
      ...change,
    },
    memo: {
      order: 1,
      timeout_seconds: null,
      checkpoint: null,
      continues: false,
      idempotency: null,
      cancel_reason: null,
      shut_down: false,
      ...memo,
    },
  };
}

export function taskStoreContract(kind: string, makePlace: () => Promise<StorePlace>): void {
  describe(`${kind} keeps what every task store keeps`, () => {
    const places: StorePlace[] = [];
    const newPlace = async (): Promise<StorePlace> => {
      const place = await makePlace();
      places.push(place);
      return place;
    };
    afterEach(async () => {
      for (const place of places.splice(0)) await place.dispose();
    });
    const reopened = async (work: (store: TaskStore) => Promise<unknown>) => {
      const place = await newPlace();
      const store = await place.open();
      await store.read();
      await work(store);
      await store.close();
      const again = await place.open();
      const state = await again.read();
      await again.close();
      return state;
    };

    test("a new store is empty and its queue is not paused", async () => {
      const state = await reopened(async () => undefined);
      expect(state).toEqual({ tasks: [], queuePause: null });
    });

    test("what was saved is there again, field by field", async () => {
      const task = storedTask("a", {
        parameters: { text: 'ü\u2028\n"\\', list: [1, null] },
        result: { x: 0.1 },
      });
      const { tasks } = await reopened((store) => store.save([task]));
      expect(tasks).toEqual([task]);
    });

    test("tasks come back in the order they were created, however often they changed", async () => {
      const { tasks } = await reopened(async (store) => {
        for (const id of ["a", "b", "c"]) await store.save([storedTask(id)]);
        await store.save([storedTask("a", { status: "running" })]);
        await store.insist([storedTask("b", { status: "completed" })]);
      });
      expect(tasks.map(({ record }) => [record.id, record.status])).toEqual([
        ["a", "running"],
        ["b", "completed"],
        ["c", "pending"],
      ]);
    });

    test("the later of two changes of one task wins, saved or insisted on", async () => {
      const { tasks } = await reopened((store) =>
        Promise.all([
          store.save([storedTask("a", { name: "first" })]),
          store.insist([storedTask("a", { name: "second" })]),
          store.save([storedTask("a", { name: "third" })]),
        ]),
      );
      expect(tasks.map(({ record }) => record.name)).toEqual(["third"]);
    });

    test("a change of several tasks is one", async () => {
      const { tasks } = await reopened((store) => store.save(["a", "b", "c"].map((id) => storedTask(id))));
      expect(tasks.map(({ record }) => record.id)).toEqual(["a", "b", "c"]);
    });

    test("a removed task is gone, the others stay", async () => {
      const { tasks } = await reopened(async (store) => {
        await store.save(["a", "b", "c"].map((id) => storedTask(id)));
        await store.remove(["a", "c"]);
        await store.remove(["never there"]);
      });
      expect(tasks.map(({ record }) => record.id)).toEqual(["b"]);
    });

    test("a paused queue is paused again, a resumed one is not", async () => {
      const pause = { because: "user", since: "2026-11-21T03:12:24.433Z", task_ids: ["a"] } as const;
      for (const way of ["setQueuePause", "insistOnQueuePause"] as const) {
        expect((await reopened((store) => store[way](pause))).queuePause).toEqual(pause);
        const resumed = await reopened(async (store) => {
          await store.setQueuePause(pause);
          await store[way](null);
        });
        expect(resumed.queuePause).toBeNull();
      }
    });

    test("a thousand changes handed in at once are all kept", async () => {
      const ids = Array.from({ length: 1000 }, (_, n) => `task-${n}`);
      const { tasks } = await reopened((store) => Promise.all(ids.map((id) => store.save([storedTask(id)]))));
      expect(tasks.map(({ record }) => record.id)).toEqual(ids);
    });

    test("what JSON cannot carry is refused and harms nothing else", async () => {
      const circle: Record<string, unknown> = {};
      circle.circle = circle;
      const { tasks } = await reopened(async (store) => {
        await expect(store.save([storedTask("bad", { parameters: circle })])).rejects.toThrow();
        await store.save([storedTask("good")]);
      });
      expect(tasks.map(({ record }) => record.id)).toEqual(["good"]);
    });
  });
}
