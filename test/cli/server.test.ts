import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type RunningServer, startServer } from "../../src/main.ts";
import { type Around, folder, projectRoot, type, typing } from "./shell.ts";

/** A machine of the test's own: data and external tasks in a fresh folder, any free port. */
async function machine(): Promise<{ env: Record<string, string>; external: string; data: string }> {
  const own = await folder();
  const external = path.join(own, "tasks");
  const data = path.join(own, "data");
  await mkdir(external);
  const env = {
    ARMATURE_DATA_DIR: data,
    ARMATURE_COMMUNITY_TASKS_DIR: external,
    ARMATURE_PORT: "0",
    ARMATURE_LOG_LEVEL: "silent",
  };
  return { env, external, data };
}

/** A folder without a file beside `data`. */
async function emptied(data: string): Promise<string> {
  const made = path.join(path.dirname(data), "settings");
  await mkdir(made);
  return made;
}

/** A server that runs, and how a command line finds it. */
async function running(env: Record<string, string>): Promise<{ server: RunningServer; around: Around }> {
  const server = await startServer({ projectRoot, env, print: () => undefined });
  onTestFinished(() => server.close());
  return { server, around: { env: { ...env, ARMATURE_PORT: new URL(server.url).port } } };
}

const counting = ["run", "generator_task", "--total-steps", "3", "--interval-seconds", "0.01"];

const shaky = `
import { Task } from "armature/task";
export class Shaky extends Task.with({ name: "shaky_task", retry: { delaySeconds: 0.1 } }) {
  async run(_, ctx) {
    if (ctx.attempt === 1) throw new Error("it slipped");
    return ctx.attempt;
  }
}
`;

const asking = `
import { Task, z } from "armature/task";
export class AskingTask extends Task.with({ name: "asking_task" }) {
  async run(_, ctx) {
    return ctx.ask(z.object({ name: z.string() }), "Which sample?");
  }
}
`;

describe("answer", () => {
  test("the person who runs a task reads its question, and answers from another terminal", async () => {
    const { env, external } = await machine();
    await writeFile(path.join(external, "asking_task.js"), asking);
    const { server, around } = await running(env);
    const { ended, seen } = typing(["run", "asking_task"], around);
    await seen(/The task asks: Which sample\?\n.*armature answer [-0-9a-f]{36} '\{"name": <string>\}'/);
    const [task] = server.runtime.tasks.list().tasks;
    const refused = await type(["answer", task?.id ?? "", "{"], around);
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringContaining("Mend what is named there, and answer again."),
    });
    const watched = typing(["watch", task?.id ?? ""], around);
    await watched.seen(/is paused .*Which sample\?/);
    const { code, out } = await type(["answer", task?.id ?? "", '{"name":"gear"}'], around);
    expect([code, out]).toEqual([0, "asking_task has the answer and is running.\n"]);
    expect(JSON.parse((await ended).out)).toEqual({ name: "gear" });
    expect(await watched.ended).toMatchObject({ code: 0 });
  });
});

describe("run", () => {
  test("without a server starts a runtime of its own and ends it", async () => {
    const { env, data } = await machine();
    const { code, out, err } = await type(counting, { env, startServer });
    expect({ code, out: JSON.parse(out) }).toEqual({ code: 0, out: { steps: 3 } });
    expect(err).toMatch(/✓ generator_task completed after \d/);
    expect(await readdir(data)).not.toContain("lock.json");
  });

  test("with a server uses it", async () => {
    const { env } = await machine();
    const { server, around } = await running(env);
    expect(await type(counting, around)).toMatchObject({ code: 0 });
    expect(server.runtime.tasks.list().tasks.map(({ task, status }) => [task, status])).toEqual([
      ["generator_task", "completed"],
    ]);
  });

  test("a task that is tried again says so, and why", async () => {
    const { env, external } = await machine();
    await writeFile(path.join(external, "shaky_task.js"), shaky);
    const { code, out, err } = await type(["run", "shaky_task"], { env, startServer });
    expect({ code, out: JSON.parse(out) }).toEqual({ code: 0, out: 2 });
    expect(err).toMatch(/It is tried again, not before \d\d:\d\d:\d\d: it slipped\n/);
  });

  test("a task that fails says why, and the exit code is 1", async () => {
    const { env } = await machine();
    const { code, out, err } = await type(["run", "failing", "--error-message", "no film"], {
      env,
      startServer,
    });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/✗ failing_task failed after [^:]+: no film\n {2}→ The task itself failed/);
  });

  test("parameters that do not fit are told by field; the task's name may be short", async () => {
    const { env } = await machine();
    const { around } = await running(env);
    const { code, err } = await type(["run", "generator", "--total-steps", "many", "--spped=1"], around);
    expect(code).toBe(1);
    expect(err).toContain("✗ The parameters do not fit generator_task.\n");
    expect(err).toContain("parameters.total_steps: ");
    expect(err).toContain("parameters.spped: ");
    expect(err).toContain("`armature run generator_task --help` lists the parameters.\n");
  });

  test("an unknown task is told the nearest one", async () => {
    const { env } = await machine();
    const { around } = await running(env);
    const { code, err } = await type(["run", "scn_task"], around);
    expect(code).toBe(1);
    expect(err).toContain(
      "There is no task type 'scn_task'.\n  → Did you mean scan_task? `armature list` lists what",
    );
    expect(err).not.toContain("GET /");
  });

  test("--json gives all parameters at once, single ones win", async () => {
    const { env } = await machine();
    const { around } = await running(env);
    const all = '{"total_steps": 9, "interval_seconds": 0.01}';
    const { out } = await type(["run", "generator_task", "--json", all, "--total-steps", "2"], around);
    expect(JSON.parse(out)).toEqual({ steps: 2 });
    const broken = await type(["run", "generator_task", "--json", "{"], around);
    expect(broken).toMatchObject({ code: 1, err: expect.stringContaining("--json is not JSON") });
  });

  test("--help behind a task shows its parameters and runs nothing", async () => {
    const { env } = await machine();
    const { server, around } = await running(env);
    const { code, out } = await type(["run", "generator_task", "--help"], around);
    expect(code).toBe(0);
    expect(out).toMatch(/--total_steps +integer, \d+ to \d+ +default \d+/);
    const scan = await type(["run", "scan_task", "--help"], around);
    expect(scan.out).toMatch(/--project +string +required +\S/);
    expect(scan.out).toMatch(/--gain +number, above 0, at most 32 +default 1\n/);
    expect(server.runtime.tasks.list().tasks).toEqual([]);
  });

  test("Ctrl+C cancels the task, and the exit code is 130", async () => {
    const { env } = await machine();
    const { server, around } = await running(env);
    const run = typing(
      ["run", "generator_task", "--total-steps", "1000", "--interval-seconds", "0.1"],
      around,
    );
    await run.seen(/Step 1 /);
    run.interrupt();
    expect(await run.ended).toMatchObject({ code: 130, err: expect.stringContaining("was cancelled after") });
    expect(server.runtime.tasks.list().tasks).toMatchObject([{ status: "cancelled" }]);
  });

  test("a second Ctrl+C leaves a task that takes its time", async () => {
    const { env, external } = await machine();
    await writeFile(path.join(external, "slow_task.ts"), slowToEnd);
    const { server, around } = await running(env);
    const run = typing(["run", "slow_task"], around);
    await run.seen(/begun/);
    run.interrupt();
    run.interrupt();
    expect(await run.ended).toMatchObject({ code: 130, err: expect.not.stringContaining("was cancelled") });
    const [task] = server.runtime.tasks.list().tasks;
    expect(task?.status).toBe("cancelling");
  });

  test("a task that waits says for what", async () => {
    const { env } = await machine();
    const { server, around } = await running(env);
    await server.runtime.tasks.submit({ task: "exclusive_demo_task", parameters: { duration_seconds: 60 } });
    const run = typing(counting, around);
    await run.seen(/generator_task waits as number 1 of the queue: exclusive running/);
    run.interrupt();
    expect(await run.ended).toMatchObject({ code: 130 });
  });

  test("a task that waits for a queue that was paused is told how it goes on", async () => {
    const { env } = await machine();
    const { around } = await running(env);
    await type(["stop"], around);
    const run = typing(counting, around);
    await run.seen(/waits as number 1 of the queue: queue paused\n {2}→ `armature resume` lets tasks start/);
    expect(await type(["resume"], around)).toMatchObject({ code: 0 });
    expect(await run.ended).toMatchObject({ code: 0 });
  });
});

const slowToEnd = `
import { type Ctx, type In, Task } from "armature/task";
export class SlowTask extends Task.with({ name: "slow_task" }) {
  async run(_: In<this>, ctx: Ctx<this>) {
    ctx.progress(0, 1, "begun");
    await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
}
`;

describe("list", () => {
  test("types says what this machine can do", async () => {
    const { env } = await machine();
    const { around } = await running(env);
    const { code, out } = await type(["list"], around);
    expect(code).toBe(0);
    expect(out).toMatch(/^scan_task +core +exclusive +\S/m);
    expect(out).toMatch(/^crop_task +core +blocking +\S/m);
    expect(out).not.toContain("could not be taken");
  });

  test("tasks says what ran and how it ended", async () => {
    const { env } = await machine();
    const { around } = await running(env);
    expect((await type(["list", "tasks"], around)).out).toContain("No task has run yet");
    await type(counting, around);
    await type(["run", "failing_task"], around);
    const { out } = await type(["list", "tasks"], around);
    expect(out).toMatch(
      /^[\da-f-]{36} +generator_task +completed +100 % .*\n[\da-f-]{36} +failing_task +failed /,
    );
  });

  test("devices says what is there, in which state, and where it stands", async () => {
    const { env } = await machine();
    const { around } = await running(env);
    await type(["run", "axis_movement", "--axis", "x", "--position", "12.5"], around);
    const { out } = await type(["list", "devices"], around);
    expect(out).toMatch(/^x +simulated_linear_axis +ready +12\.5 µm$/m);
    expect(out).toMatch(/^rotor +simulated_axis +ready +90°$/m);
    expect(out).toMatch(/^light +simulated_light +ready +off$/m);
  });

  test("where a token is needed, the one in the data directory is found", async () => {
    const { env } = await machine();
    const { server, around } = await running({ ...env, ARMATURE_HOST: "0.0.0.0" });
    expect((await fetch(`${server.url}/task-types`)).status).toBe(401);
    expect(await type(["list"], around)).toMatchObject({ code: 0 });
    expect(await type(counting, around)).toMatchObject({ code: 0 });
  });
});

describe("watch", () => {
  test("shows events as they happen, until Ctrl+C", async () => {
    const { env } = await machine();
    const { server, around } = await running(env);
    await server.runtime.tasks.submit({ task: "generator_task", parameters: { total_steps: 1000 } });
    const watch = typing(["watch"], around);
    await watch.seen(/is running +generator_task [\da-f]{8}/);
    await type(counting, around);
    await watch.seen(/task_scheduled +generator_task [\da-f]{8}/);
    await watch.seen(/task_completed +generator_task [\da-f]{8} +\{"steps":3\}/);
    watch.interrupt();
    expect(await watch.ended).toMatchObject({ code: 0 });
  });

  test("with an id ends with its task", async () => {
    const { env } = await machine();
    const { server, around } = await running(env);
    const { id } = await server.runtime.tasks.submit({
      task: "generator_task",
      parameters: { total_steps: 5, interval_seconds: 0.2 },
    });
    const { code, out } = await type(["watch", id], around);
    expect(code).toBe(0);
    expect(out).toMatch(/task_completed +generator_task [\da-f]{8}.*\n$/);
    expect((await type(["watch", id], around)).out).toMatch(/^\S+ {2}is completed +generator_task/);
  });

  test("an unknown id is refused", async () => {
    const { env } = await machine();
    const { around } = await running(env);
    const id = "00000000-0000-4000-8000-000000000000";
    const { code, err } = await type(["watch", id], around);
    expect({ code, err }).toMatchObject({
      code: 1,
      err: expect.stringContaining(`no task with the id '${id}'`),
    });
  });

  test("a server that ends says goodbye", async () => {
    const { env, external } = await machine();
    await writeFile(path.join(external, "slow_task.ts"), slowToEnd);
    const { server, around } = await running(env);
    const { id } = await server.runtime.tasks.submit({ task: "slow_task" });
    const watch = typing(["watch"], around);
    await watch.seen(new RegExp(id.slice(0, 8)));
    await server.close();
    expect(await watch.ended).toMatchObject({
      code: 1,
      err: expect.stringContaining("closed the connection"),
    });
  });
});

describe("stop", () => {
  test("stops every device and every task, says so, and nothing starts until resume", async () => {
    const { env } = await machine();
    const { server, around } = await running(env);
    const { tasks } = server.runtime;
    const { id } = await tasks.submit({ task: "exclusive_demo", parameters: { duration_seconds: 30 } });
    await tasks.submit({ task: "exclusive_demo" });
    const { code, out } = await type(["stop"], around);
    expect(code).toBe(0);
    expect(out).toContain("✓ rotor stands still\n✓ turntable stands still\n");
    expect(out).toMatch(new RegExp(`exclusive_demo_task ${id} is cancell`));
    expect(out).toMatch(/exclusive_demo_task \S+ is cancelled\n/);
    expect(out).toContain("until `armature resume`");
    expect((await type(["stop"], around)).code).toBe(0);
    expect(server.runtime.devices.state("rotor").state).toBe("stopped");
    await tasks.submit({ task: "generator_task", parameters: { total_steps: 1, interval_seconds: 0 } });
    expect((await type(["list", "tasks"], around)).out).toContain("waits: queue paused");
    const resumed = await type(["resume"], around);
    expect(resumed).toMatchObject({ code: 0, out: expect.stringContaining("devices move again") });
    expect(server.runtime.devices.state("rotor").state).toBe("ready");
  });

  test("a device that does not obey is told, and the exit code is 1", async () => {
    const { env } = await machine();
    const settings = path.join(await folder(), "settings");
    await cp(path.join(projectRoot, "settings"), settings, { recursive: true });
    const profile = path.join(settings, "devices/simulated.json");
    const text = await readFile(profile, "utf8");
    await writeFile(
      profile,
      text.replace('"min_degrees": 0,', '"min_degrees": 0, "faults": {"stop": "fails"},'),
    );
    const { around } = await running({ ...env, ARMATURE_SETTINGS_DIR: settings });
    const { code, out } = await type(["stop"], around);
    expect(code).toBe(1);
    expect(out).toContain(
      "✗ rotor may still move: rotor failed: it does not obey the stop\n✓ turntable stands still",
    );
  });

  test("where no runtime answers it says so and does not start one", async () => {
    const { env } = await machine();
    const { code, err } = await type(["stop"], { env });
    expect(code).toBe(1);
    expect(err).toContain("none is there to stop");
  });
});

describe("new", () => {
  test("what it writes runs at once", async () => {
    const { env, external } = await machine();
    for (const kind of [[], ["--blocking"]]) {
      const name = `count_${kind.length}`;
      expect(await type(["new", name, ...kind, "--dir", external])).toMatchObject({ code: 0 });
      const { code, out, err } = await type(["run", name, "--steps", "2"], { env, startServer });
      expect({ code, err }).toMatchObject({ code: 0 });
      expect(JSON.parse(out)).toEqual({ steps: 2 });
    }
  });
});

describe("doctor", () => {
  test("has nothing to mend on a sound machine, with a server and without", async () => {
    const { env } = await machine();
    const without = await type(["doctor"], { env, startServer });
    expect(without).toMatchObject({ code: 0, out: expect.stringContaining("Nothing to mend.") });
    for (const title of ["This machine", "Settings", "Data", "Cloud", "Runtime", "Task files", "Devices"])
      expect(without.out).toContain(`\n${title}\n`);
    const { server, around } = await running(env);
    const { code, out } = await type(["doctor"], around);
    expect(code).toBe(0);
    expect(out).toContain(`✓ the server at ${server.url} answers`);
    expect(out).toContain("✓ tasks/core/scanner/scan_task.ts  scan_task\n");
  });

  test("a settings file that is not there is not called valid", async () => {
    const { env, data } = await machine();
    const { out } = await type(["doctor"], {
      env: { ...env, ARMATURE_SETTINGS_DIR: await emptied(data) },
      startServer,
    });
    expect(out).toMatch(/✓ there is no \S+firmware\.json: every key has its default\n/);
    expect(out).not.toContain("firmware.json is valid");
  });

  test("names a bad task file with line, reason and remedy", async () => {
    const { env, external } = await machine();
    const file = path.join(external, "bad_task.ts");
    await writeFile(file, 'import { Task } from "armature/task";\n\nthrow new Error("out of paper");\n');
    const { code, out } = await type(["doctor"], { env, startServer });
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`✗ ${file}:3 {2}rejected: .*out of paper.*\n {2}→ \\S`));
    expect(out).toContain("\n1 thing to mend.\n");
  });

  test("says what is wrong with the settings and goes no further", async () => {
    const { env } = await machine();
    const { code, out } = await type(["doctor"], {
      env: { ...env, ARMATURE_PROFILE: "simulatd" },
      startServer,
    });
    expect(code).toBe(1);
    expect(out).toContain("there is no settings/devices/simulatd.json; did you mean 'simulated'?\n  → ");
    expect(out).not.toContain("\nRuntime\n");
  });

  test("tells what a file of OpenScan3 sets, what wins over it and what is not used; its folders are looked through", async () => {
    const { env } = await machine();
    const settings = path.join(await folder(), "settings");
    await mkdir(settings);
    const file = path.join(settings, "openscan_firmware.json");
    const openscan = {
      task_autodiscovery_namespaces: ["openscan_firmware.controllers.services.tasks"],
      task_autodiscovery_ignore_modules: ["failing_task"],
      task_autodiscovery_override_on_conflict: true,
      enable_cloud: false,
    };
    await writeFile(file, JSON.stringify(openscan));
    const ours = path.join(settings, "firmware.json");
    await writeFile(ours, '{"task_autodiscovery_override_on_conflict": false}');
    const around = { env: { ...env, ARMATURE_SETTINGS_DIR: settings }, startServer };
    const { code, out } = await type(["doctor"], around);
    expect(code).toBe(0);
    expect(out).toContain(`✓ ${file} sets task_autodiscovery_folders, task_autodiscovery_ignore_modules\n`);
    expect(out).toContain(
      `! ${ours} has task_autodiscovery_override_on_conflict too, and wins over ${file}\n  → `,
    );
    expect(out).toContain(`! not used of ${file}: enable_cloud\n`);
    expect(out).toContain("✓ tasks/core/scanner/scan_task.ts  scan_task\n");
    expect(out).toContain("✓ tasks/examples/generator_task.ts  generator_task\n");
    expect(out).toMatch(/tasks\/examples\/failing_task\.ts {2}ignored/);
    expect(out).not.toContain("community-tasks/");
  });

  test("a misspelt variable is noted", async () => {
    const { env } = await machine();
    const { code, out } = await type(["doctor"], { env: { ...env, ARMATURE_PROT: "1" }, startServer });
    expect(code).toBe(0);
    expect(out).toContain(
      "! the environment has ARMATURE_PROT, which nobody reads; did you mean 'ARMATURE_PORT'?",
    );
  });

  test("finds damage in the journal and leaves everything as it is: nothing moves because a doctor looks", async () => {
    const { env, data } = await machine();
    const first = await startServer({ projectRoot, env, print: () => undefined });
    await first.runtime.tasks.pauseQueue();
    await first.runtime.tasks.submit({ task: "generator_task" });
    await first.close();
    const journal = path.join(data, "tasks/journal-99.jsonl");
    await writeFile(journal, '{"sum":"00000000","seq":1}\n');
    const before = await readdir(data, { recursive: true });
    const { code, out } = await type(["doctor"], { env, startServer });
    expect(out).toContain("1 stored task can be read");
    expect(out).toMatch(/! tasks\/journal-99\.jsonl.*: .*damaged.*\n {2}→ The next start/);
    expect(code).toBe(0);
    expect((await readdir(data, { recursive: true })).sort()).toEqual(before.sort());
  });
});
