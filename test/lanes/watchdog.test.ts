// The watchdog of the event loop, its part in the loop; what its thread says is heard in test/system/watching.test.ts.
import { expect, onTestFinished, test } from "vitest";
import { type RunningTask, SharedNotes, slots } from "../../src/lanes/watchdog/shared-notes.ts";
import { type LoopBlock, Watchdog } from "../../src/lanes/watchdog/watchdog.ts";
import { deferred } from "../../src/lib/deferred.ts";
import { quiet } from "../quiet.ts";

const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const note = (n: number): RunningTask => ({ task_id: id(n), task: `task_${n}_task` });

test("those that began last are known, oldest first, each once", () => {
  const notes = new SharedNotes();
  expect(notes.running()).toEqual([]);
  for (let n = 0; n < slots + 3; n++) notes.note(id(n), `task_${n}_task`);
  notes.note(id(slots + 2), `task_${slots + 2}_task`);
  const known = notes.running();
  expect(known.at(-1)).toEqual(note(slots + 2));
  expect(known.at(0)).toEqual(note(4));
  expect(known).toHaveLength(slots - 1);
  notes.clear();
  notes.note(id(1), "x".repeat(1000));
  expect(notes.running()).toEqual([{ task_id: id(1), task: expect.stringMatching(/^x{100,200}$/) }]);
});

/** Computes without pause. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

function watched(running: () => RunningTask[] = () => []) {
  const blocked = deferred<LoopBlock>();
  const watchdog = new Watchdog({
    thresholdMs: 300,
    log: quiet,
    isLogged: () => false,
    running,
    onBlocked: blocked.resolve,
  });
  onTestFinished(() => watchdog.close());
  return { watchdog, blocked: blocked.promise };
}

test("a block is reported as soon as the loop turns, with those that ran, also where they have ended in it", async () => {
  const { watchdog, blocked } = watched();
  watchdog.started(id(7), "grind_task");
  block(900);
  const report = await blocked;
  expect(report).toMatchObject({ running: [{ task_id: id(7), task: "grind_task" }] });
  expect(report.blocked_ms).toBeGreaterThan(600);
  expect(watchdog.recent).toBe(report);
});

test("one that has run for long is still known, one that has ended is not", async () => {
  const looked = deferred();
  const { watchdog, blocked } = watched(() => {
    looked.resolve();
    return [note(1)];
  });
  watchdog.started(id(1), "task_1_task");
  watchdog.started(id(2), "task_2_task");
  await looked.promise;
  block(900);
  expect((await blocked).running).toEqual([note(1)]);
});

test("nothing is left after its close", async () => {
  const { watchdog } = watched();
  await watchdog.close();
  await watchdog.close();
  expect(watchdog.recent).toBeNull();
});
