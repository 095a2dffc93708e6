// What every lane does, run against each of them. The tasks lie in test/fixtures/tasks/lanes.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Lane } from "../../src/engine/ports.ts";
import { RuntimeError } from "../../src/errors/runtime-error.ts";
import { deferred } from "../../src/lib/deferred.ts";
import { type Begun, begin, lineOf, Recorder, taskTypeOf } from "../lanes/work.ts";

export interface LaneUnderTest {
  readonly name: string;
  /** The fixture file with this lane's tasks. */
  readonly file: string;
  open(dataDirectory: string): Lane;
}

export function describeLane({ name, file, open }: LaneUnderTest): void {
  describe(`the ${name} lane`, () => {
    let lane: Lane;
    let data: string;
    let files = 0;

    beforeAll(() => {
      data = mkdtempSync(path.join(os.tmpdir(), "armature-lane-"));
      lane = open(data);
    });
    afterAll(async () => {
      await lane.close();
      rmSync(data, { recursive: true, force: true });
    });

    const run = async (
      task: string,
      parameters?: Record<string, unknown>,
      more?: Parameters<typeof begin>[3],
    ): Promise<Begun> => begin(lane, await taskTypeOf(file, task), parameters, more);
    const newFile = (): string => path.join(data, `go-${++files}`);
    const letGo = (go: string): void => writeFileSync(go, "");

    describe("what comes out", () => {
      test("what run returns is the result", async () => {
        const value = { photos: [1, "two", null], deep: { yes: true } };
        const { ended } = await run("Returns", { value });
        expect(await ended).toEqual({ how: "returned", result: value, sawCancel: false });
      });

      test("yields are progress, in order, the last one always; what the generator returns is the result", async () => {
        const { ended, events } = await run("Counts", { steps: 500 });
        expect(await ended).toMatchObject({ how: "returned", result: 500 });
        const updates = events.of("progress").map(({ update }) => update);
        const steps = updates.map(({ current }) => current);
        expect(steps).toEqual([...steps].sort((a, b) => a - b));
        expect(updates.at(-1)).toEqual({ current: 500, total: 500, message: "step 500", checkpoint: 500 });
      });

      test("a task that returns nothing has the result null, and a date becomes what JSON makes of it", async () => {
        expect(await (await run("ReturnsOddly", { what: "nothing" })).ended).toMatchObject({ result: null });
        expect(await (await run("ReturnsOddly", { what: "date" })).ended).toEqual({
          how: "returned",
          result: { at: "1970-01-01T00:00:00.000Z" },
          sawCancel: false,
        });
      });

      test.each([
        ["map", "result.images[1]", "a Map"],
        ["circle", "result.again", "a reference to itself"],
        ["bigint", "result", "a bigint"],
      ])(
        "a result that JSON cannot carry (%s) fails the task and names the place",
        async (what, at, found) => {
          expect(await (await run("ReturnsOddly", { what })).ended).toMatchObject({
            how: "threw",
            cancelled: false,
            failure: { code: "RESULT_NOT_SERIALIZABLE", details: { path: at, found } },
          });
        },
      );

      test("an ending, a progress and a checkpoint do not change behind anybody's back", async () => {
        const parameters = { list: [1, 2, 3] };
        const { ended, events } = await run("Meddles", parameters);
        expect(await ended).toMatchObject({ result: [1, 2, 3, 4] });
        expect(parameters).toEqual({ list: [1, 2, 3] });
        expect(events.of("progress")[0]?.update).toEqual({
          current: 1,
          data: { seen: 1 },
          checkpoint: [1, 2, 3],
        });
      });

      test("logs, artifacts, partial results and ctx.progress arrive in the order in which they were told", async () => {
        const taskId = crypto.randomUUID();
        const { ended, events } = await run("Reports", {}, { taskId });
        expect(await ended).toMatchObject({ how: "returned" });
        const photo = { file: `files/${taskId}/photo.jpg`, type: "image/jpeg", bytes: 4 };
        expect(events.heard).toMatchObject([
          { kind: "artifact", artifact: { ...photo, name: "photo.jpg" } },
          { kind: "artifact", artifact: { ...photo, name: "the same" } },
          {
            kind: "log",
            entry: { level: "warn", message: "it is dark", fields: { lux: 3, lamp: "(a Map)" } },
          },
          { kind: "partial", value: { photos: 1 } },
          { kind: "progress", update: { current: 1, total: 2, message: "half way" } },
        ]);
      });

      test("nothing is heard of a task after its end", async () => {
        const { ended, events, cancel, pause } = await run("Counts", { steps: 50 });
        await ended;
        const heard = events.heard.length;
        pause(1);
        cancel("user");
        await (await run("Counts", { steps: 50 })).ended;
        expect(events.heard.length).toBe(heard);
      });
    });

    describe("what goes in", () => {
      test("a task is told its id, attempt and user context; the first attempt has no checkpoint", async () => {
        const told = { taskId: crypto.randomUUID(), attempt: 1, userContext: { operator: "Ada" } };
        const { ended } = await run("Describes", {}, told);
        expect(await ended).toMatchObject({ result: { ...told, resumedFrom: "nothing" } });
      });

      test("it finds the tasks it depends on as they ended, to read and to change as it likes", async () => {
        const scan = {
          id: crypto.randomUUID(),
          key: "scan",
          name: "the scan",
          task: "scan_task",
          status: "completed" as const,
          result: { photos: ["a.jpg"] },
          failure: null,
        };
        const { ended } = await run("Depends", {}, { dependencies: [scan] });
        expect(await ended).toMatchObject({ how: "returned", result: [{ ...scan, result: { photos: [] } }] });
        expect(scan.result.photos).toEqual(["a.jpg"]);
      });

      test("an attempt continues from the checkpoint it is given", async () => {
        const { ended, events } = await run("Counts", { steps: 5 }, { attempt: 2, resumedFrom: 3 });
        expect(await ended).toMatchObject({ result: 5 });
        expect(events.of("progress")[0]?.update.current).toBe(4);
      });
    });

    describe("failures", () => {
      test("an error becomes a code, a sentence and the place in the task's file; its stack stays behind", async () => {
        const ending = await (await run("Fails")).ended;
        const at = `${file}:${lineOf(file, "lens cap")}`;
        expect(ending).toEqual({
          how: "threw",
          cancelled: false,
          failure: {
            code: "TASK_FAILED",
            message: "the lens cap is on",
            details: { error: "RangeError", at, source: file },
            remediation: `The task itself failed; its source is ${at}.`,
          },
        });
      });

      test("an error of the runtime keeps its code", async () => {
        const at = `${file}:${lineOf(file, "../outside.jpg")}`;
        expect(await (await run("FailsWithCode")).ended).toMatchObject({
          how: "threw",
          failure: { code: "PATH_REFUSED", details: { path: "../outside.jpg", at } },
        });
      });

      test("something thrown that cannot even be read is a failure like any other", async () => {
        expect(await (await run("ThrowsOddly")).ended).toMatchObject({
          how: "threw",
          failure: { code: "TASK_FAILED" },
        });
      });

      test("what a task says of its next attempt by what it throws goes with the ending", async () => {
        expect(await (await run("Steers", { seconds: null })).ended).toMatchObject({
          how: "threw",
          failure: { code: "TASK_FAILED", message: "there is no film" },
          steering: { giveUp: true },
        });
        expect(await (await run("Steers", { seconds: 30 })).ended).toMatchObject({
          how: "threw",
          failure: { message: "The task asks to be tried again in 30 s." },
          steering: { tryLaterSeconds: 30 },
        });
        expect(await (await run("ThrowsOddly")).ended).not.toHaveProperty("steering");
      });

      test("a checkpoint that JSON cannot carry fails the task and names the place", async () => {
        expect(await (await run("SavesOddly")).ended).toMatchObject({
          how: "threw",
          failure: { code: "CHECKPOINT_NOT_SERIALIZABLE", details: { path: "checkpoint.images" } },
        });
      });
    });

    describe("checkpoints", () => {
      test("ctx.checkpoint returns when the state is durable, and not before", async () => {
        const events = new Recorder();
        const durable = deferred();
        events.onCheckpoint = () => durable.promise;
        const { ended } = await run("Saves", {}, { events });
        await events.until((heard) => heard.kind === "checkpoint");
        await (await run("Counts", { steps: 10 })).ended;
        expect(events.heard).toEqual([{ kind: "checkpoint", state: { step: 1 } }]);
        durable.resolve();
        expect(await ended).toMatchObject({ how: "returned" });
        expect(events.heard.map(({ kind }) => kind)).toEqual(["checkpoint", "log", "checkpoint"]);
        expect(events.of("checkpoint").map(({ state }) => state)).toEqual([{ step: 1 }, { step: 2 }]);
      });

      test("a checkpoint the store refuses is the task's own error, with its code", async () => {
        const events = new Recorder();
        events.onCheckpoint = async () => {
          throw new RuntimeError("STORE_UNAVAILABLE", { problem: "no space" });
        };
        const { ended } = await run("Saves", {}, { events });
        expect(await ended).toMatchObject({ how: "threw", failure: { code: "STORE_UNAVAILABLE" } });
      });
    });

    describe("pausing", () => {
      test.each(["Walks", "WalksByYields"])(
        "%s stops at its next checkpoint and goes on when resumed",
        async (task) => {
          const go = newFile();
          const { ended, events, pause, resume } = await run(task, { file: go });
          await events.untilLog("walking");
          pause(1);
          await events.untilPaused(1);
          letGo(go);
          const heard = events.heard.length;
          await (await run("Counts", { steps: 10 })).ended;
          expect(events.heard.length).toBe(heard);
          resume();
          expect(await ended).toEqual({ how: "returned", result: "arrived", sawCancel: false });
        },
      );

      test("each request to pause is answered with its own number", async () => {
        const go = newFile();
        const { ended, events, pause, resume } = await run("Walks", { file: go });
        pause(1);
        await events.untilPaused(1);
        resume();
        pause(2);
        await events.untilPaused(2);
        letGo(go);
        resume();
        await ended;
        expect(events.of("paused").map(({ request }) => request)).toEqual([1, 2]);
      });

      test("a request to pause that is taken back before it took effect is forgotten", async () => {
        const go = newFile();
        const { ended, events, pause, resume } = await run("Ignores", { file: go });
        await events.untilLog("deaf");
        pause(1);
        resume();
        letGo(go);
        expect(await ended).toMatchObject({ how: "returned" });
        expect(events.of("paused")).toEqual([]);
      });

      test("a task without a checkpoint is not paused: it ends", async () => {
        const go = newFile();
        const { ended, events, pause } = await run("Ignores", { file: go });
        await events.untilLog("deaf");
        pause(1);
        letGo(go);
        expect(await ended).toMatchObject({ how: "returned" });
        expect(events.of("paused")).toEqual([]);
      });
    });

    describe("cancelling", () => {
      test("a sleeping task wakes and is told why; that it threw the cancel itself is known", async () => {
        const { ended, events, cancel } = await run("Sleeps");
        await events.untilLog("asleep");
        cancel("user");
        expect(await ended).toMatchObject({ how: "threw", cancelled: true });
      });

      test("the first reason counts", async () => {
        const { ended, events, cancel } = await run("Swallows");
        await events.untilLog("asleep");
        cancel("timeout");
        cancel("user");
        expect(await ended).toEqual({ how: "returned", result: "timeout", sawCancel: true });
      });

      test("a cancel that comes before the first line is thrown at the first wait", async () => {
        const { ended, begun, cancel } = await run("Swallows");
        // Where nobody has begun, nothing is thrown: there is no first line.
        if (begun) await begun;
        cancel("shutdown");
        expect(await ended).toMatchObject({ result: "shutdown", sawCancel: true });
      });

      test("a paused task is cancelled where it stands", async () => {
        const { ended, events, pause, cancel } = await run("WalksByYields", { file: newFile() });
        pause(1);
        await events.untilPaused(1);
        cancel("user");
        expect(await ended).toMatchObject({ how: "threw", cancelled: true });
      });

      test.each(["Walks", "WalksByYields"])(
        "%s, cancelled the moment it stands at a pause, is told there and not at its next wait",
        async (task) => {
          const go = newFile();
          const { ended, events, pause, cancel } = await run(task, { file: go });
          await events.untilLog("walking");
          events.onPaused = () => {
            letGo(go);
            cancel("user");
          };
          pause(1);
          expect(await ended).toMatchObject({ how: "threw", cancelled: true });
        },
      );

      test("the reason is thrown once: afterwards sleep, checkpoint and yield work, and finally brings the machine home", async () => {
        const home = newFile();
        const { ended, events, cancel } = await run("CleansUp", { file: home });
        await events.until((heard) => heard.kind === "progress" && heard.update.current >= 1);
        cancel("user");
        expect(await ended).toMatchObject({ how: "threw", cancelled: true });
        expect(events.of("checkpoint")).toEqual([{ kind: "checkpoint", state: "home" }]);
        expect(events.of("progress").at(-1)?.update).toEqual({ current: -1, message: "home" });
      });

      test("a task that never looked has not seen its cancel", async () => {
        const go = newFile();
        const { ended, events, cancel } = await run("Ignores", { file: go });
        await events.untilLog("deaf");
        cancel("user");
        letGo(go);
        expect(await ended).toEqual({ how: "returned", result: "done all the same", sawCancel: false });
      });

      test.each(["isCancelled", "aborted"])(
        "a task that looked (%s) and returned has seen it",
        async (at) => {
          const go = newFile();
          const { ended, events, cancel } = await run("Looks", { file: go, at });
          await events.untilLog("looking");
          cancel("user");
          await (await run("Counts", { steps: 10 })).ended; // an order takes its time to a process
          letGo(go);
          expect(await ended).toEqual({ how: "returned", result: "stopped half way", sawCancel: true });
        },
      );

      test("a task that looked before anybody cancelled it has seen nothing", async () => {
        const go = newFile();
        letGo(go);
        const { ended, cancel } = await run("Looks", { file: go, at: "isCancelled" });
        expect(await ended).toEqual({ how: "returned", result: "went on", sawCancel: false });
        cancel("user");
      });
    });
  });
}
