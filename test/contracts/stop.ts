// Whatever ends a move: the axis brakes and stands still before anybody else may have it. Asked of the
// real program, over a profile of the driver's own.
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Program, type WireTask } from "../system/program.ts";

export interface StoppedMachine {
  /** As in a device profile. */
  readonly devices: () => Record<string, object> | Promise<Record<string, object>>;
  /** The one of them that moves, at rest at 0; `far` is so far that it is under way for seconds. */
  readonly axis: string;
  readonly far: number;
  /** From top speed to standstill, in the axis' unit. */
  readonly braking: number;
  /** How much a position may be off, in the axis' unit. */
  readonly tolerance: number;
}

interface Way {
  readonly start: number;
  readonly position: number;
  readonly travelled: number;
  readonly requested: number;
}

export function everyStopReaches(title: string, machine: StoppedMachine): void {
  const { axis, far, braking, tolerance } = machine;

  describe(`${title}: whatever ends a move`, () => {
    let program: Program;
    beforeAll(async () => {
      program = await Program.create();
      const profile = { devices: await machine.devices() };
      await writeFile(path.join(program.folder, "settings/devices/own.json"), JSON.stringify(profile));
      await program.start({ ARMATURE_PROFILE: "own", ARMATURE_LOG_LEVEL: "silent" });
    });
    afterAll(() => program.remove());

    const submit = async (parameters: object, more: object = {}): Promise<WireTask> => {
      const task = { task: "axis_movement_task", parameters: { axis, ...parameters }, ...more };
      const { status, body } = await program.post("/tasks", task);
      expect(status).toBe(202);
      return body;
    };

    /** Where it is, as the task's own progress says. */
    const positionIn = ({ progress }: WireTask): number | null =>
      (progress as { data: { current_position: number } | null }).data?.current_position ?? null;

    const underWay = async (id: string): Promise<number> => {
      for (;;) {
        const at = positionIn(await program.get(`/tasks/${id}`));
        if (at !== null && Math.abs(at) > far / 20) return at;
      }
    };

    const begin = async (more: object = {}): Promise<WireTask> => {
      const task = await submit({ position: far }, more);
      await underWay(task.id);
      return task;
    };

    /** It moves back: nobody else has it, and it stood still when this began. */
    const back = async (begun?: WireTask): Promise<Way> => {
      const { id } = begun ?? (await submit({ position: 0 }));
      const ended = await program.ended(id);
      expect(ended).toMatchObject({ status: "completed", error: null, result: { axis } });
      return ended.result as Way;
    };

    /** On from where it was seen last, braking, and not as far as it was sent. */
    const isShortOf = (told: number, stands: number): void => {
      expect(Math.abs(stands)).toBeLessThan(Math.abs(far));
      expect(Math.abs(stands) - Math.abs(told)).toBeGreaterThanOrEqual(braking * 0.9);
    };

    test.each([
      ["async", {}],
      ["isolated", { lane: "isolated" }],
    ])(
      "a cancel (%s): it says how far it came, and the next one has the axis when it stands still",
      async (_, lane) => {
        const { id } = await begin(lane);
        const next = await submit({ position: 0 });
        const told = await underWay(id);
        await program.post(`/tasks/${id}/cancel`);
        const { status, partial_result } = await program.ended(id);
        const way = partial_result as Way;
        expect(status).toBe("cancelled");
        expect(way).toMatchObject({ requested: expect.closeTo(far, 3) });
        expect(Math.abs(way.travelled - (way.position - way.start))).toBeLessThanOrEqual(tolerance);
        isShortOf(told, way.position);
        const { start } = await back(next);
        expect(Math.abs(start - way.position)).toBeLessThanOrEqual(tolerance);
      },
    );

    test("its time is over: the same, and it fails with TIMEOUT", async () => {
      const { id } = await submit({ position: far }, { timeout_seconds: 0.6 });
      const next = await submit({ position: 0 });
      const ended = await program.ended(id);
      expect(ended).toMatchObject({ status: "failed", failure: { code: "TIMEOUT" } });
      const { position } = ended.partial_result as Way;
      expect(Math.abs((await back(next)).start - position)).toBeLessThanOrEqual(tolerance);
    });

    test("POST /stop: it stands still, and nothing moves it until the release", async () => {
      const { id } = await begin();
      const waiting = await submit({ position: 0 });
      const { body: report } = await program.post("/stop");
      expect(report).toMatchObject({ stopped: true });
      const stands = await program.get<Record<string, number>>(`/devices/${axis}`);
      expect(stands).toMatchObject({ state: "stopped", is_moving: false });
      const { position } = (await program.ended(id)).partial_result as Way;
      const shown = stands.position_um ?? stands.angle_degrees ?? Number.NaN;
      expect(Math.abs(shown - position)).toBeLessThanOrEqual(tolerance + 0.001);
      expect((await program.ended(waiting.id)).status).toBe("cancelled");
      expect(await program.get(`/devices/${axis}`)).toEqual(stands);
      await program.post("/queue/resume");
      expect(Math.abs((await back()).start - position)).toBeLessThanOrEqual(tolerance);
    });

    test("kill -9 of the task's process: the axis stands still, its claim is free, the task says what happened", async () => {
      const { id } = await begin({ lane: "isolated" });
      const next = await submit({ position: 0 });
      const told = await underWay(id);
      for (const pid of await childrenOf(program)) process.kill(pid, "SIGKILL");
      expect(await program.ended(id)).toMatchObject({ status: "failed", failure: { code: "PROCESS_ENDED" } });
      const { start } = await back(next);
      isShortOf(told, start);
    });

    test("SIGTERM: the task is interrupted, and its axis stood still when the program ended", async () => {
      const { id } = await begin();
      const told = await underWay(id);
      expect(await program.signal("SIGTERM")).toBe(0);
      await program.start({ ARMATURE_PROFILE: "own", ARMATURE_LOG_LEVEL: "silent" });
      const { status, partial_result } = await program.get(`/tasks/${id}`);
      expect(status).toBe("interrupted");
      const { position, travelled } = partial_result as Way;
      isShortOf(told, position);
      expect(Math.abs(travelled - position)).toBeLessThanOrEqual(tolerance);
    });
  });
}

/** The processes of isolated tasks, as the runtime notes them for its next boot; not those of drivers. */
async function childrenOf(program: Program): Promise<number[]> {
  const notes = await readdir(path.join(program.folder, "data/processes"));
  const noted = notes.map((name) => Number.parseInt(name, 10)).filter((pid) => pid > 0);
  const commands = await Promise.all(noted.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8")));
  return noted.filter((_, at) => commands[at]?.includes("/child.mjs"));
}
