import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTaskFiles } from "../../src/lanes/files.ts";
import { LoopLane, type LoopLaneOptions } from "../../src/lanes/loop.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { RotaryAxis } from "../../src/task/devices.ts";
import { describeLane } from "../contracts/lane.ts";
import { quiet } from "../quiet.ts";
import { type Begun, begin, taskTypeOf } from "./work.ts";

const openLane = (dataDirectory: string, devices: LoopLaneOptions["devices"] = () => ({})): LoopLane =>
  new LoopLane({
    clock: systemClock,
    log: quiet,
    files: (taskId) => createTaskFiles({ dataDirectory, mediaDirectories: () => [], taskId }),
    devices,
    services: {} as never,
  });

describeLane({ name: "event loop", file: "loop_tasks.ts", open: openLane });

describe("only in the event loop", () => {
  let data: string;
  let server: http.Server;
  let url: string;

  beforeAll(async () => {
    data = mkdtempSync(path.join(os.tmpdir(), "armature-loop-"));
    server = http.createServer((request, response) => {
      if (request.url === "/answers") response.end("here");
      if (request.url === "/stalls") response.write("here comes");
      server.emit("asked", request.url);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(data, { recursive: true, force: true });
  });

  const run = async (task: string, parameters = {}, lane = openLane(data)): Promise<Begun> =>
    begin(lane, await taskTypeOf("loop_only_tasks.ts", task), parameters);

  test.each([
    ["Fetches", "/hangs"],
    ["Fetches", "/stalls"],
    ["FetchesWithLimit", "/hangs"],
    ["FetchesWithLimit", "/stalls"],
  ])("%s from %s: a request that was rejected with the reason was the once", async (task, at) => {
    const asked = new Promise((resolve) => server.once("asked", resolve));
    const { ended, events, cancel } = await run(task, { url: url + at });
    await asked;
    cancel("user");
    expect(await ended).toMatchObject({ how: "threw", cancelled: true });
    expect(events.of("log").map(({ entry }) => entry.message)).toEqual(["home"]);
  });

  test("a request that was over long before does not swallow the cancel", async () => {
    const file = path.join(data, "go-on");
    const { ended, events, cancel } = await run("FetchedBefore", { url: `${url}/answers`, file });
    await events.untilLog("fetched");
    cancel("user");
    writeFileSync(file, "");
    expect(await ended).toMatchObject({ how: "threw", cancelled: true });
  });

  test("signal.throwIfAborted was the once", async () => {
    const file = path.join(data, "look");
    const { ended, events, cancel } = await run("ThrowsIfAborted", { file });
    await events.untilLog("waiting");
    cancel("user");
    writeFileSync(file, "");
    expect(await ended).toMatchObject({ how: "threw", cancelled: true });
    expect(events.of("log").at(-1)?.entry.message).toBe("home");
  });

  test("a task whose listener was called has seen the cancel", async () => {
    const { ended, events, cancel } = await run("Listens");
    await events.untilLog("listening");
    cancel("user");
    expect(await ended).toEqual({ how: "returned", result: "heard it", sawCancel: true });
  });

  test("an AbortError made of the reason is the cancel", async () => {
    const { ended, events, cancel } = await run("WaitsWithNode");
    await events.untilLog("waiting");
    cancel("user");
    expect(await ended).toMatchObject({ how: "threw", cancelled: true });
  });

  test("of two waits at once one is told and the other goes on", async () => {
    const { ended, events, cancel } = await run("SleepsTwice");
    await events.untilLog("asleep");
    cancel("user");
    expect(await ended).toMatchObject({ result: [true, false], sawCancel: true });
  });

  test("all branches that stand at a pause go on", async () => {
    const { ended, events, pause, resume } = await run("PausesTwice");
    await events.untilLog("begun");
    pause(1);
    await events.untilPaused(1);
    pause(2);
    await events.untilPaused(2);
    resume();
    expect(await ended).toMatchObject({ result: ["one", "two", "three"] });
  });

  test.each([
    ["aborted by the task's signal alone", (signal: AbortSignal) => signal],
    ["that joins signals", (signal: AbortSignal) => AbortSignal.any([signal, new AbortController().signal])],
  ])("a move %s is stopped by the cancel, and homing in finally is not", async (_, join) => {
    const done: string[] = [];
    const lane = openLane(data, (_uses, signal) => {
      const wait = async (what: string, ms: number) => {
        await delay(ms, undefined, { signal: join(signal()) }).catch((error: Error) => {
          throw error.cause;
        });
        done.push(what);
      };
      const rotor: Partial<RotaryAxis> & { home(): Promise<void> } = {
        name: "rotor",
        moveTo: () => wait("moved", 60_000),
        home: () => wait("homed", 5),
      };
      return { rotor: rotor as RotaryAxis };
    });
    const { ended, events, cancel } = await run("Moves", {}, lane);
    await events.untilLog("moving");
    cancel("user");
    expect(await ended).toMatchObject({ how: "threw", cancelled: true });
    expect(done).toEqual(["homed"]);
    expect(events.of("log").at(-1)?.entry.message).toBe("home");
  });

  test.each(["Floods", "FetchesThenFloods"])(
    "%s: a task that only yields leaves the event loop its turns, and stops",
    async (task) => {
      const { ended, events, cancel } = await run(task, { url: `${url}/answers` });
      await events.until(({ kind }) => kind === "progress");
      for (let turns = 0; turns < 5; turns++) await delay(1);
      cancel("user");
      expect(await ended).toMatchObject({ how: "threw", cancelled: true });
      expect(events.of("progress").length).toBeGreaterThan(100);
    },
  );

  test("what is no progress is named in the task's log, once, and progress data JSON cannot carry is named", async () => {
    const { ended, events } = await run("YieldsOddly");
    expect(await ended).toMatchObject({ how: "returned" });
    expect(events.of("log").map(({ entry }) => entry.fields)).toEqual([{ yielded: 5 }]);
    expect(events.of("progress").map(({ update }) => update)).toEqual([
      { current: 1, data: { raw: "(a Uint8Array)", kept: 1 } },
    ]);
  });

  test.each([
    ["rejection", "unhandledRejection"],
    ["timer", "uncaughtException"],
    ["microtask", "uncaughtException"],
    ["parting", "unhandledRejection"],
  ])(
    "an error nobody awaits (%s) fails the task it came from, whatever that returns, and no other",
    async (how, event) => {
      const child = spawnSync(
        process.execPath,
        ["--import", "./src/task/door/boot.mjs", "test/lanes/unawaited-child.ts", how],
        { encoding: "utf8", cwd: path.resolve(import.meta.dirname, "../..") },
      );
      expect(child.stderr).toBe("");
      const at = expect.stringMatching(/^loop_tasks\.ts:\d+$/);
      expect(JSON.parse(child.stdout)).toEqual({
        event,
        owned: true,
        guilty: {
          how: "threw",
          cancelled: false,
          failure: {
            code: "TASK_FAILED",
            message: "nobody waits for me",
            details: { error: "TypeError", at, source: "loop_tasks.ts" },
            remediation: expect.any(String),
          },
        },
        innocent: { how: "returned", result: 100, sawCancel: false },
        afterwards: false,
      });
    },
  );

  test.each([
    ["rejection", "unhandledRejection"],
    ["timer", "uncaughtException"],
    ["descendant", "unhandledRejection"],
  ])("what an ended task left behind (%s) fails nobody when nothing runs any more", async (how, event) => {
    const child = spawnSync(
      process.execPath,
      ["--import", "./src/task/door/boot.mjs", "test/lanes/left-behind-child.ts", how],
      { encoding: "utf8", cwd: path.resolve(import.meta.dirname, "../..") },
    );
    expect(child.stderr).toBe("");
    expect(JSON.parse(child.stdout)).toEqual({
      how: "returned",
      event,
      owned: true,
      warnings: ["an ended task left something behind that failed"],
    });
  });

  test("close tells what still runs to stop, and does not wait for who does not listen", async () => {
    const lane = openLane(data);
    const file = path.join(data, "last");
    const deaf = begin(lane, await taskTypeOf("loop_tasks.ts", "Ignores"), { file });
    const working = begin(lane, await taskTypeOf("loop_tasks.ts", "CleansUp"), { file });
    await working.events.untilLog("working");
    await lane.close();
    expect(await working.ended).toMatchObject({ how: "threw", cancelled: true });
    expect(await deaf.ended).toMatchObject({ how: "returned", sawCancel: false });
  });
});
