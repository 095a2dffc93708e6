// A disk that is really full: a small file system of its own, where the machine lets us mount one.
import { execFileSync } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { brakingDegrees, movingTask, rotorOf, slowDown, stretchOf, underWay } from "./moves.ts";
import { Program, type WireTask } from "./program.ts";

const program = await Program.create();
const data = path.join(program.folder, "data");
await mkdir(data);
const mounted = mount();
if (!mounted)
  console.log("the test of the full disk is skipped: this machine does not let us mount a file system");

function mount(): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", data], { stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
}

afterAll(async () => {
  await program.kill();
  if (mounted) execFileSync("umount", [data]);
  await program.remove();
});

test.skipIf(!mounted)(
  "a full disk refuses new work with 503, loses nothing, and work goes on when space is back",
  async () => {
    await program.start();
    const first = await program.post("/tasks", {
      task: "hello_world_async",
      parameters: { total_steps: 3, delay_seconds: 0.1 },
    });
    expect(first.status).toBe(202);
    const filler = path.join(data, "filler");
    await writeFile(filler, Buffer.alloc(4 * 1024 * 1024)).catch((error: NodeJS.ErrnoException) =>
      expect(error.code).toBe("ENOSPC"),
    );
    const accepted: string[] = [];
    let refusal: { status: number; body: WireTask } | null = null;
    while (refusal === null) {
      const answer = await program.post("/tasks", {
        task: "hello_world_async",
        parameters: { total_steps: 1, delay_seconds: 0 },
      });
      if (answer.status === 202) accepted.push(answer.body.id);
      else refusal = answer;
    }
    expect(refusal).toMatchObject({
      status: 503,
      body: { code: "STORE_UNAVAILABLE", remediation: expect.any(String) },
    });
    expect(await program.get("/health/ready")).toMatchObject({
      ready: false,
      checks: { store: { ok: false } },
    });
    await rm(filler);
    let late: { status: number; body: WireTask };
    do {
      late = await program.post("/tasks", {
        task: "hello_world_async",
        parameters: { total_steps: 1, delay_seconds: 0 },
      });
    } while (late.status === 503);
    expect(late.status).toBe(202);
    for (const id of [first.body.id, ...accepted, late.body.id])
      expect(await program.ended(id)).toMatchObject({ status: "completed" });
    await program.kill();
    await program.start();
    for (const id of [first.body.id, ...accepted, late.body.id])
      expect(await program.get(`/tasks/${id}`)).toMatchObject({ status: "completed" });
  },
  60_000,
);

test.skipIf(!mounted)(
  "a full disk does not delay the stop: the axis brakes at once, the task ends, and it is all stored once there is space",
  async () => {
    await program.kill();
    await slowDown(program);
    await program.addTask("sway_task.ts", movingTask);
    await program.start();
    const { body } = await program.post("/tasks", { task: "sway_task" });
    await underWay(program);
    const filler = path.join(data, "filler");
    await writeFile(filler, Buffer.alloc(4 * 1024 * 1024)).catch((error: NodeJS.ErrnoException) =>
      expect(error.code).toBe("ENOSPC"),
    );
    while ((await program.post("/tasks", { task: "hello_world_async" })).status !== 503);
    const rotor = await rotorOf(program);
    const { body: report } = await program.post("/stop");
    expect(report).toMatchObject({ stopped: true, stored: false });
    const axes = report.devices as { name: string; stopped: boolean }[];
    expect(axes.filter(({ stopped }) => !stopped)).toEqual([]);
    expect(axes.map(({ name }) => name)).toEqual(expect.arrayContaining(["rotor", "turntable"]));
    const { told, stands } = stretchOf(rotor.states);
    rotor.close();
    expect(Math.abs(stands - told)).toBeLessThanOrEqual(brakingDegrees + 0.01);
    expect(await program.get("/queue")).toMatchObject({ paused: true, paused_because: "stopped" });
    await rm(filler);
    expect(await program.ended(body.id)).toMatchObject({ status: "cancelled", failure: null });
    await program.kill();
    await program.start();
    expect(await program.get("/queue")).toMatchObject({ paused: true, paused_because: "stopped" });
  },
  60_000,
);
