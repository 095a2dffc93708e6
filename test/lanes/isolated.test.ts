// What only a process of its own can do: end for real, contain whatever a task does, hold it to limits.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Call, TaskType } from "../../src/engine/ports.ts";
import { RuntimeError } from "../../src/errors/runtime-error.ts";
import type { Devices } from "../../src/hardware/devices.ts";
import type { IsolatedLane } from "../../src/lanes/isolated/lane.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { identityOf, isAlive } from "../../src/lib/processes/identity.ts";
import { ProcessNotes } from "../../src/lib/processes/notes.ts";
import type { RotaryAxis } from "../../src/task/devices.ts";
import { open } from "../hardware/machine.ts";
import { quiet } from "../quiet.ts";
import { openIsolatedLane } from "./isolated-lane.ts";
import { type Begun, begin, Recorder, taskTypeOf } from "./work.ts";

const isolated = "process_only_tasks.ts";
const notesIn = (data: string): string[] => {
  const directory = path.join(data, "processes");
  return existsSync(directory) ? readdirSync(directory) : [];
};

describe("only in a process", () => {
  let data: string;
  let lane: IsolatedLane;

  beforeAll(() => {
    data = mkdtempSync(path.join(os.tmpdir(), "armature-isolated-"));
    lane = openIsolatedLane(data);
  });
  afterAll(async () => {
    await lane.close();
    expect(notesIn(data)).toEqual([]);
    rmSync(data, { recursive: true, force: true });
  });

  const run = async (
    task: string,
    parameters: Record<string, unknown> = {},
    more: Parameters<typeof begin>[3] = {},
  ): Promise<Begun> => begin(lane, await taskTypeOf(isolated, task), parameters, more);

  describe("a kill", () => {
    test.each([
      ["Spins", "spinning"],
      ["HangsInNativeCode", "hanging"],
    ])("ends %s at once, and the others go on", async (task, word) => {
      const other = begin(lane, await taskTypeOf("loop_tasks.ts", "Sleeps"));
      const { ended, events, kill } = await run(task);
      await Promise.all([events.untilLog(word), other.events.untilLog("asleep")]);
      kill?.();
      expect(await ended).toEqual({ how: "killed" });
      expect(lane.busy()).toBe(1);
      other.cancel("user");
      expect(await other.ended).toMatchObject({ cancelled: true });
    });

    test("ends a task before its process is up", async () => {
      const cold = openIsolatedLane(data);
      const { ended, kill } = begin(cold, await taskTypeOf(isolated, "Spins"));
      kill?.();
      kill?.();
      expect(await ended).toEqual({ how: "killed" });
      expect(cold.busy()).toBe(0);
      await cold.close();
    });

    test.each(["return", "spin", "exit"])(
      "nobody it has started outlives a task that ends by itself or is ended (%s)",
      async (ending) => {
        const { ended, events, kill } = await run("Breeds", { ending });
        await events.untilLog("bred");
        const family = events.of("log")[0]?.entry.fields?.family as number[];
        expect(family.length).toBe(4);
        if (ending === "spin") kill?.();
        await ended;
        expect(family.filter((pid) => isAlive({ ...identityOf(pid), pid }))).toEqual([]);
      },
    );

    test("close ends what runs, what waits, and what they started", async () => {
      const closing = openIsolatedLane(data);
      const { ended, events } = begin(closing, await taskTypeOf(isolated, "Breeds"), { ending: "spin" });
      await events.untilLog("bred");
      await closing.close();
      expect(await ended).toEqual({ how: "killed" });
      await closing.close();
    });
  });

  describe("a misfortune", () => {
    test("process.exit fails its task with the exit code, and what was said before is heard", async () => {
      const { ended, events } = await run("Exits");
      expect(await ended).toMatchObject({
        how: "threw",
        cancelled: false,
        failure: { code: "PROCESS_ENDED", details: { exit_code: 3, signal: null, source: isolated } },
      });
      expect(events.of("log").map(({ entry }) => entry.message)).toEqual(["the last word"]);
    });

    test("a crash fails its task with the signal and the last lines", async () => {
      expect(await (await run("Crashes")).ended).toMatchObject({
        failure: {
          code: "PROCESS_ENDED",
          details: {
            exit_code: null,
            signal: "SIGABRT",
            last_lines: expect.arrayContaining(["the lens fell off"]),
          },
        },
      });
    });

    test.each(["loop_tasks.ts", "blocking_tasks.ts"])(
      "an error nobody awaits fails its task (%s)",
      async (file) => {
        const { ended } = begin(lane, await taskTypeOf(file, "Unawaited"), { how: "timer" });
        expect(await ended).toMatchObject({
          how: "threw",
          failure: { code: "TASK_FAILED", message: "nobody waits for me", details: { error: "TypeError" } },
        });
      },
    );

    test("a process that cannot be started fails the task with the reason", async () => {
      const notes = new ProcessNotes(path.join(data, "processes"), quiet);
      const broken = openIsolatedLane(data, { entry: new URL("file:///nowhere/child.mjs"), notes });
      const { ended } = begin(broken, await taskTypeOf("loop_tasks.ts", "Returns"), { value: 1 });
      expect(await ended).toMatchObject({ failure: { code: "PROCESS_ENDED", details: { exit_code: 1 } } });
      await broken.close();
    });
  });

  describe("limits", () => {
    test.each(["heap", "buffer"])("memory (%s)", async (where) => {
      const limits = { memoryMb: 256, cpuSeconds: null };
      const ending = await (await run("EatsMemory", { where }, { limits })).ended;
      expect(ending).toMatchObject({
        how: "threw",
        failure: { code: "MEMORY_LIMIT", details: { limit_mb: 256, used_mb: expect.any(Number) } },
      });
    });

    test("garbage is no memory", async () => {
      const limits = { memoryMb: 192, cpuSeconds: null };
      const { ended } = await run("MakesGarbage", { rounds: 300 }, { limits });
      expect(await ended).toMatchObject({ how: "returned", result: 30_000_000 });
    });

    test("processor time", async () => {
      const { ended } = await run("Spins", {}, { limits: { memoryMb: null, cpuSeconds: 1 } });
      expect(await ended).toMatchObject({
        how: "threw",
        failure: { code: "CPU_LIMIT", details: { limit_seconds: 1, used_seconds: expect.any(Number) } },
      });
    });
  });

  describe("what goes back and forth", () => {
    test("standard output becomes lines of the log, and our token is not there", async () => {
      vi.stubEnv("ARMATURE_TOKEN", "secret");
      const ours = openIsolatedLane(data, { warm: () => 0 });
      vi.unstubAllEnvs();
      const { ended, events } = begin(ours, await taskTypeOf(isolated, "Speaks"));
      expect(await ended).toMatchObject({ result: "knows no token" });
      expect(events.of("log").map(({ entry }) => [entry.level, entry.message, entry.fields])).toEqual(
        expect.arrayContaining([
          ["info", "to whom it may concern", { stream: "stdout" }],
          ["warn", "something is odd", { stream: "stderr" }],
        ]),
      );
      await ours.close();
      expect(notesIn(data).length).toBeLessThanOrEqual(1);
    });

    test("a flood of progress is thinned out where it arises, and the latest arrives", async () => {
      const { ended, events } = begin(lane, await taskTypeOf("loop_tasks.ts", "Counts"), { steps: 100_000 });
      expect(await ended).toMatchObject({ result: 100_000 });
      const updates = events.of("progress");
      expect(updates.length).toBeLessThan(1000);
      expect(updates.at(-1)?.update.current).toBe(100_000);
    });

    test("an async task that is busy sees its cancel when it looks", async () => {
      const { ended, events, cancel } = await run("LooksWhileItSpins");
      await events.untilLog("spinning");
      cancel("user");
      expect(await ended).toEqual({ how: "returned", result: "looked", sawCancel: true });
    });

    test("a question is asked and answered, another task is submitted and waited for", async () => {
      const events = new Recorder();
      const calls: Call[] = [];
      events.onCall = async (call) => {
        calls.push(call);
        return { ask: 12, submit: "an id", wait: { result: "12 mm" }, cancel: null }[call.to];
      };
      const { ended } = await run("Asks", {}, { events });
      expect(await ended).toMatchObject({ result: { height: 12, id: "an id", result: "12 mm" } });
      expect(calls.map(({ to }) => to)).toEqual(["ask", "submit", "wait"]);
    });

    test("a call that is refused is the task's own error, with its code", async () => {
      const events = new Recorder();
      events.onCall = async () => {
        throw new RuntimeError("UNKNOWN_TASK_TYPE", { task: "measure" });
      };
      const { ended } = await run("Asks", {}, { events });
      expect(await ended).toMatchObject({ how: "threw", failure: { code: "UNKNOWN_TASK_TYPE" } });
    });

    test("the class's own schema checks what JSON Schema cannot say, where this process does not know it", async () => {
      const known = await taskTypeOf(isolated, "Checks");
      const create = (): never => {
        throw new Error("nobody creates it here");
      };
      const type: TaskType = { ...known, isTrusted: false, create };
      expect(await begin(lane, type, { from: 2, to: "7" }).ended).toMatchObject({ result: "5 mm" });
      expect(await begin(lane, type, { from: 7, to: "2" }).ended).toMatchObject({
        how: "threw",
        failure: {
          code: "INVALID_PARAMETERS",
          details: { errors: [{ path: "parameters.to", message: "to is not behind from" }] },
        },
      });
      // Checked before: transformed once.
      expect(await begin(lane, known, { from: 1, to: 4, unit: "m" }).ended).toMatchObject({ result: "3 m" });
    });

    test("a task file from a folder that knows nothing of us runs with its helper", async () => {
      const file = path.join(data, "far_task.ts");
      writeFileSync(path.join(data, "helper.ts"), "export const two: number = 2;\n");
      writeFileSync(
        file,
        `import { Task } from "armature/task";
import { two } from "./helper.ts";
export class Far extends Task.with({ name: "far_task" }) {
  async run(): Promise<number> {
    return two;
  }
}
`,
      );
      expect(await begin(lane, await taskTypeOf(file, "Far")).ended).toMatchObject({ result: 2 });
    });
  });

  describe("warm processes", () => {
    test("after the first attempt one waits for the next, each serves one, and none is left at the end", async () => {
      const own = mkdtempSync(path.join(os.tmpdir(), "armature-warm-"));
      const warm = openIsolatedLane(own);
      expect(notesIn(own)).toEqual([]);
      const type = await taskTypeOf(isolated, "Breeds");
      const first = (await begin(warm, type, { ending: "return" }).ended) as { result: number[] };
      const [waiting] = notesIn(own);
      expect(notesIn(own).length).toBe(1);
      const second = (await begin(warm, type, { ending: "return" }).ended) as { result: number[] };
      expect(`${second.result[0]}.json`).toBe(waiting);
      expect(second.result[0]).not.toBe(first.result[0]);
      await warm.close();
      expect(notesIn(own)).toEqual([]);
      rmSync(own, { recursive: true });
    });

    test("one that has died meanwhile is no reason to fail", async () => {
      const own = mkdtempSync(path.join(os.tmpdir(), "armature-warm-"));
      const warm = openIsolatedLane(own);
      const type = await taskTypeOf("loop_tasks.ts", "Returns");
      await begin(warm, type, { value: 1 }).ended;
      process.kill(Number.parseInt(notesIn(own)[0] as string, 10), "SIGKILL");
      expect(await begin(warm, type, { value: 2 }).ended).toMatchObject({ result: 2 });
      await warm.close();
      rmSync(own, { recursive: true });
    });
  });
});

describe("devices", () => {
  async function machine(): Promise<{
    lane: IsolatedLane;
    devices: Devices;
    rotor: RotaryAxis;
    close(): Promise<void>;
  }> {
    const data = mkdtempSync(path.join(os.tmpdir(), "armature-isolated-"));
    const listeners = new Set<(name: string) => void>();
    const devices = await open("simulated", {}, systemClock, data, ({ name }) => {
      for (const listener of listeners) listener(name);
    });
    const lane = openIsolatedLane(data, {
      devices: (uses, signal) => devices.bind(uses, signal),
      onDeviceChange: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      warm: () => 0,
    });
    const close = async (): Promise<void> => {
      await lane.close();
      expect(listeners.size).toBe(0);
      rmSync(data, { recursive: true, force: true });
    };
    return { lane, devices, rotor: devices.get("rotor") as RotaryAxis, close };
  }

  const start = async (lane: IsolatedLane, task: string, parameters = {}): Promise<Begun> => {
    const uses = { rotor: "exclusive", camera: "exclusive", light: "exclusive" } as const;
    return begin(lane, await taskTypeOf(isolated, task), parameters, { claims: uses });
  };

  test("a task reads, moves, reads what has become of it, and gets a photo's bytes", async () => {
    const { lane, rotor, close } = await machine();
    const begin = rotor.angleDegrees;
    const { ended } = await start(lane, "UsesDevices");
    expect(await ended).toEqual({
      how: "returned",
      sawCancel: false,
      result: {
        before: { angle: begin, isOn: false, limits: { ...rotor.limits }, name: "rotor" },
        angle: begin + 1,
        isOn: true,
        photo: { isBytes: true, begin: [0xff, 0xd8], type: "image/jpeg" },
      },
    });
    await close();
  });

  test("a refusal keeps its code and its place", async () => {
    const { lane, close } = await machine();
    expect(await (await start(lane, "GoesTooFar")).ended).toMatchObject({
      failure: { code: "OUT_OF_LIMITS", details: { at: expect.stringContaining(isolated) } },
    });
    expect(await (await start(lane, "HandsOverAFunction")).ended).toMatchObject({
      failure: { code: "CALL_NOT_SERIALIZABLE" },
    });
    await close();
  });

  test("a claimed name that is no device can be held, and nothing else", async () => {
    const { lane, close } = await machine();
    const type = await taskTypeOf(isolated, "UsesANameOnly");
    const { ended, events } = begin(lane, type, {}, { claims: { room: "exclusive" } });
    expect(await ended).toMatchObject({ failure: { code: "UNKNOWN_DEVICE", details: { device: "room" } } });
    expect(events.of("log")[0]?.entry.message).toBe("holds the room");
    await close();
  });

  test("a device that could not be opened fails the task before it begins, with its code", async () => {
    const refusing = openIsolatedLane("/nowhere", {
      devices: () => {
        throw new RuntimeError("DEVICE_FAILED", { device: "rotor", problem: "no answer" });
      },
    });
    const { ended, kill } = await start(refusing, "Travels");
    kill?.();
    expect(await ended).toMatchObject({ how: "threw", failure: { code: "DEVICE_FAILED" } });
    await refusing.close();
  });

  test("a cancel stops the motion, the reason is thrown once, and the task brings the device back", async () => {
    const { lane, rotor, close } = await machine();
    const { ended, events, cancel } = await start(lane, "Travels");
    await events.untilLog("travelling");
    while (!rotor.isMoving) await new Promise((resolve) => setTimeout(resolve, 2));
    cancel("user");
    expect(await ended).toMatchObject({ how: "threw", cancelled: true });
    const lines = events.of("log").map(({ entry }) => [entry.message, entry.fields]);
    expect(lines).toEqual([
      ["travelling", null],
      ["stopped", { moving: false }],
      ["back", { far: expect.closeTo(0, 3) }],
    ]);
    await close();
  });

  test.each(["return", "exit", "spin"])(
    "what still moves when its task is gone (%s) stops before it has ended",
    async (ending) => {
      const { lane, rotor, close } = await machine();
      const { ended, events, kill } = await start(lane, "LeavesMoving", { ending });
      await events.untilLog("under way");
      expect(rotor.isMoving).toBe(true);
      if (ending === "spin") kill?.();
      await ended;
      expect(rotor.isMoving).toBe(false);
      await close();
    },
  );

  test("a step of its own deadline stops the motion too", async () => {
    const { lane, rotor, close } = await machine();
    const { ended } = await start(lane, "GivesUpWaiting");
    expect(await ended).toMatchObject({ failure: { code: "DEADLINE_EXCEEDED" } });
    expect(rotor.isMoving).toBe(false);
    await close();
  });
});
