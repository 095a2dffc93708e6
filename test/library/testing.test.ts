// What authors test their tasks with: the real lane and drivers, over a clock that stands still.
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Ctx, type In, Task, z } from "../../src/index.ts";
import { type Trial, type TrialOptions, tryTask } from "../../src/testing.ts";

class CountTask extends Task.with({
  name: "count_task",
  parameters: z.object({ steps: z.int().min(1).default(3) }),
  checkpoint: z.int(),
}) {
  async *run({ steps }: In<this>, ctx: Ctx<this>) {
    try {
      for (let step = (ctx.resumedFrom ?? 0) + 1; step <= steps; step++) {
        await ctx.sleep(60_000);
        yield { current: step, total: steps, checkpoint: step };
      }
      return steps;
    } finally {
      ctx.log.info("home");
    }
  }
}

async function trialOf(taskClass: unknown, parameters = {}, options: TrialOptions = {}): Promise<Trial> {
  const trial = await tryTask(taskClass, parameters, options);
  onTestFinished(() => trial.close());
  return trial;
}

test("three minutes pass in no time, and everything the task told is there", async () => {
  const trial = await trialOf(CountTask);
  expect(await trial.end()).toEqual({ to: "completed", result: 3 });
  expect(trial.clock.monotonic()).toBe(180_000);
  expect(trial.told.progress.map(({ current }) => current)).toEqual([1, 2, 3]);
  expect(trial.told.checkpoints).toEqual([1, 2, 3]);
  expect(trial.told.logs.map(({ message }) => message)).toEqual(["home"]);
});

test("time passes only as told, and the task goes on from a checkpoint", async () => {
  const trial = await trialOf(CountTask, { steps: 5 }, { resumedFrom: 3 });
  await trial.clock.advance(60_000);
  expect(trial.told.checkpoints).toEqual([4]);
  expect(await trial.end()).toMatchObject({ to: "completed" });
});

class AddTask extends Task.with({ name: "add_task" }) {
  async run(_: In<this>, ctx: Ctx<this>) {
    return ctx.dependencies.map(({ key, status, result }) => [key, status, result]);
  }
}

test("it is told of the tasks it depends on; what is not said of them is as for one that completed", async () => {
  const dependencies = [
    { task: "scan_task", key: "scan", result: 3 },
    { task: "crop_task", status: "failed" as const },
  ];
  expect(await (await trialOf(AddTask, {}, { dependencies })).end()).toEqual({
    to: "completed",
    result: [
      ["scan", "completed", 3],
      [null, "failed", null],
    ],
  });
});

test("a cancel is seen at the next wait, and the clean-up runs", async () => {
  const trial = await trialOf(CountTask);
  await trial.clock.advance(60_000);
  trial.cancel();
  expect(await trial.end()).toEqual({ to: "cancelled" });
  expect(trial.told.logs.map(({ message }) => message)).toEqual(["home"]);
});

test("a pause is reached at a checkpoint, and end() says so instead of waiting for ever", async () => {
  const trial = await trialOf(CountTask);
  trial.pause();
  await trial.clock.advance(60_000);
  expect(trial.told.isPaused).toBe(true);
  await expect(trial.end()).rejects.toThrow("resume() lets it go on");
  trial.resume();
  expect(await trial.end()).toMatchObject({ to: "completed" });
});

class LookTask extends Task.with({ name: "look_task", uses: { rotor: "exclusive", camera: "exclusive" } }) {
  async run(_: unknown, ctx: Ctx<this>) {
    await ctx.devices.rotor.home();
    await ctx.devices.rotor.moveTo(40);
    const { bytes } = await ctx.devices.camera.capture();
    const file = path.join(ctx.files.own, "look.jpg");
    await writeFile(file, bytes);
    ctx.artifact(file);
    return ctx.devices.rotor.angleDegrees;
  }
}

const machine = JSON.parse(
  await readFile(new URL("../../settings/devices/simulated.json", import.meta.url), "utf8"),
).devices;

test("devices are the real drivers, moving in fake time", async () => {
  const trial = await trialOf(LookTask, {}, { devices: machine });
  expect(await trial.end()).toEqual({ to: "completed", result: 40 });
  const [artifact] = trial.told.artifacts;
  expect(existsSync(path.join(trial.data, artifact?.file ?? ""))).toBe(true);
  await trial.close();
  expect(existsSync(trial.data)).toBe(false);
});

class ChainTask extends Task.with({ name: "chain_task" }) {
  async run(_: unknown, ctx: Ctx<this>) {
    const size = await ctx.ask(z.int().min(1), "How many?");
    const id = await ctx.tasks.submit("count_task", { steps: size });
    return (await ctx.tasks.waitFor(id)).result;
  }
}

test("questions and children are answered by the test", async () => {
  const asked: string[] = [];
  const trial = await trialOf(
    ChainTask,
    {},
    {
      answer({ prompt }) {
        asked.push(prompt);
        return 4;
      },
      child: (task, { steps }) => `${task} of ${steps}`,
    },
  );
  expect(await trial.end()).toEqual({ to: "completed", result: "count_task of 4" });
  expect(asked).toEqual(["How many?"]);
});

test("a task that throws fails with the code a runtime would give it", async () => {
  const trial = await trialOf(ChainTask);
  expect(await trial.end()).toMatchObject({
    to: "failed",
    failure: { code: "TASK_FAILED", message: "The trial has no answer to: How many?" },
  });
});

test("input files lie below the data directory", async () => {
  class ReadTask extends Task.with({ name: "read_task" }) {
    async run(_: unknown, ctx: Ctx<this>) {
      return readFile(ctx.files.resolve("in/a.txt"), "utf8");
    }
  }
  const trial = await trialOf(ReadTask, {}, { files: { "in/a.txt": "hello" } });
  expect(await trial.end()).toEqual({ to: "completed", result: "hello" });
});

test("parameters are checked as at a submit, and a blocking class is refused with a remedy", async () => {
  await expect(tryTask(CountTask, { steps: 0 })).rejects.toMatchObject({ code: "INVALID_PARAMETERS" });
  class Heavy extends Task.with({ name: "heavy_task", isBlocking: true }) {
    run() {
      return 1;
    }
  }
  await expect(tryTask(Heavy)).rejects.toMatchObject({ code: "INVALID_TASK_CLASS" });
});
