// Files that are not trusted: inspected in processes of their own, to which alone they can do harm.
import { execFileSync } from "node:child_process";
import { cp, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { expect, test } from "vitest";
import type { DiscoverySettings } from "../../src/registry/discover.ts";
import type { PluginLine } from "../../src/registry/plugin.ts";
import type { Registry } from "../../src/registry/registry.ts";
import { fixtures, lineOf, next, Project, taskFile } from "./project.ts";

const packages = path.resolve(import.meta.dirname, "../../node_modules");

const strangers: Partial<DiscoverySettings> = {
  trusted: false,
  inspection: { timeoutSeconds: 2, memoryMb: 400 },
};

const counting = (name: string, more = ""): string => `
import { appendFileSync } from "node:fs";
import { Task, z } from "armature/task";
appendFileSync(new URL("../imports.txt", import.meta.url), "${name} ");
export class Made extends Task.with({
  name: "${name}",
  parameters: z.object({ steps: z.int().default(3) }),
  retry: { maxAttempts: 5 },
  limits: { memoryMb: 300 },
}) {
  async run() {}
}
${more}`;

const imports = async (project: Project): Promise<string[]> =>
  (await project.read("imports.txt")).trim().split(" ");

/** Whether this process has one that inspects. */
const inspecting = (): boolean =>
  execFileSync("ps", ["-eo", "ppid,args"], { encoding: "utf8" })
    .split("\n")
    .some((line) => line.trim().startsWith(`${process.pid} `) && /inspection.entry/.test(line));

/** Resolves when the plugin list says of the file what became of it. */
async function settled(registry: Registry, file: string): Promise<PluginLine> {
  for (;;) {
    const change = next(registry);
    const line = lineOf(registry, file);
    if (line.status !== "inspecting") return line;
    await change;
  }
}

test("a file that is not trusted gives a whole description, and no class", async () => {
  const folders = [path.join(fixtures, "good")];
  const registry = (await Project.make()).registry({ ...strangers, folders });
  const trusting = (await Project.make()).registry({ folders });
  await registry.discover();
  await trusting.discover();
  expect(registry.names()).toEqual(trusting.names());
  for (const name of registry.names()) {
    const type = registry.get(name);
    const here = trusting.get(name);
    expect(type).toMatchObject({
      isTrusted: false,
      policy: { ...here?.policy, lane: "isolated" },
      parametersSchema: here?.parametersSchema,
      resultSchema: here?.resultSchema,
      source: here?.source,
      category: here?.category,
      description: here?.description,
      module: { exportName: here?.module.exportName },
    });
    expect(() => type?.create()).toThrow("is not in this process");
    expect(type?.validate({ steps: 4 })).toEqual(here?.validate({ steps: 4 }));
  }
  expect(registry.plugins().map(({ trusted }) => trusted)).not.toContain(true);
});

test("core files, examples and trusted files are imported here, all others elsewhere", async () => {
  const project = await Project.make({
    "tasks/core/core_task.ts": taskFile("core_task"),
    "tasks/examples/example_task.ts": taskFile("example_task"),
    "community-tasks/mine_task.ts": taskFile("mine_task"),
    "community-tasks/lab/ours_task.ts": taskFile("ours_task"),
    "community-tasks/other_task.ts": taskFile("other_task"),
    "external/far_task.ts": taskFile("far_task"),
  });
  const registry = project.registry({
    ...strangers,
    trusted: ["community-tasks/mine_task.ts", "community-tasks/lab"],
  });
  await registry.discover();
  expect(registry.plugins().map(({ file, status, trusted }) => [file, status, trusted])).toEqual([
    ["tasks/core/core_task.ts", "loaded", true],
    ["tasks/examples/example_task.ts", "loaded", true],
    ["community-tasks/lab/ours_task.ts", "loaded", true],
    ["community-tasks/mine_task.ts", "loaded", true],
    ["community-tasks/other_task.ts", "loaded", false],
    ["external/far_task.ts", "loaded", false],
  ]);
  expect(registry.get("mine_task")?.policy.lane).toBe("async");
  expect(registry.get("other_task")?.policy.lane).toBe("isolated");
});

test("trust that is given or taken back while it runs is followed", async () => {
  const project = await Project.make({ "community-tasks/one_task.ts": taskFile("one_task", "here") });
  const registry = project.registry(strangers);
  await registry.discover();
  project.settings = { ...project.settings, trusted: ["community-tasks"] };
  let change = next(registry);
  registry.settingsChanged();
  expect(await change).toMatchObject({ changed: ["one_task"], plugins: [{ trusted: true }] });
  expect(await registry.get("one_task")?.create().run({}, {})).toBe("here");
  project.settings = { ...project.settings, trusted: false };
  change = next(registry);
  registry.settingsChanged();
  expect(await change).toMatchObject({ changed: ["one_task"], plugins: [{ trusted: false }] });
});

const hasKoffi = ((): boolean => {
  try {
    createRequire(import.meta.url).resolve("koffi");
    return true;
  } catch {
    console.log("the file that crashes natively is left out: the package koffi is not installed");
    return false;
  }
})();

const misfortunes: Record<string, { line: number | null; reason: RegExp; remedy: RegExp }> = {
  "breeds_on_import_task.ts": { line: 5, reason: /^its import starts a process$/, remedy: /run\(/ },
  "crashes_on_import_task.ts": { line: null, reason: /crashed .*\(SIGSEGV\)/, remedy: /native/ },
  "eats_buffers_on_import_task.ts": { line: null, reason: /more than 400 MB/, remedy: /memory_mb/ },
  "eats_heap_on_import_task.ts": { line: null, reason: /more than 400 MB/, remedy: /memory_mb/ },
  "exits_on_import_task.ts": { line: 10, reason: /ends the process: process\.exit\(7\)/, remedy: /run\(/ },
  "loops_on_import_task.ts": { line: 5, reason: /did not end within 8 s: it loops/, remedy: /timeout/ },
  "never_settles_task.ts": { line: null, reason: /waited .* within 8 s/, remedy: /top level/ },
  "strays_on_import_task.ts": { line: 5, reason: /threw later.*nobody awaits me/, remedy: /promises/ },
};

test("each file of the zoo that misbehaves at its import is a line that says so, and harms no other", async () => {
  const project = await Project.make({ "community-tasks/good_task.ts": taskFile("good_task") });
  await cp(path.join(fixtures, "zoo"), path.join(project.root, "community-tasks/zoo"), { recursive: true });
  if (hasKoffi) await symlink(packages, path.join(project.root, "node_modules"));
  else await rm(path.join(project.root, "community-tasks/zoo/crashes_on_import_task.ts"));
  // Long enough for a machine that has other things to do.
  const registry = project.registry({ trusted: false, inspection: { timeoutSeconds: 8, memoryMb: 400 } });
  await registry.discover();
  expect(registry.names()).toContain("good_task");
  for (const [file, { line, reason, remedy }] of Object.entries(misfortunes)) {
    if (!hasKoffi && file.startsWith("crashes")) continue;
    expect(await settled(registry, file)).toMatchObject({
      status: "rejected",
      line,
      reason: expect.stringMatching(reason),
      remedy: expect.stringMatching(remedy),
    });
  }
  const others = registry.plugins().filter(({ file }) => !(path.basename(file) in misfortunes));
  expect(others.filter(({ status }) => status !== "loaded")).toEqual([]);
  expect(registry.names()).toEqual(
    expect.arrayContaining(["good_task", "floods_on_import_task", "loops_in_run_task", "breeds_in_run_task"]),
  );
  await registry.close();
  expect(inspecting()).toBe(false);
}, 120_000);

test("the round does not wait for a file that takes long, which arrives as a change", async () => {
  const project = await Project.make({
    "community-tasks/good_task.ts": taskFile("good_task"),
    "community-tasks/hangs_task.ts": "for (;;);",
  });
  const registry = project.registry(strangers);
  await registry.discover();
  expect(lineOf(registry, "good_task.ts").status).toBe("loaded");
  expect(lineOf(registry, "hangs_task.ts")).toMatchObject({
    status: "inspecting",
    reason: expect.any(String),
  });
  const change = await next(registry);
  expect(change).toMatchObject({ added: [], plugins: [{ status: "rejected", reason: /did not end/ }] });
});

test("a file that hangs after a change loses its type: nobody knows what it is now", async () => {
  const project = await Project.make({ "community-tasks/one_task.ts": taskFile("one_task") });
  const registry = project.registry(strangers);
  await registry.discover();
  const change = next(registry);
  await project.write("community-tasks/one_task.ts", "for (;;);");
  await registry.rediscover();
  expect(await change).toMatchObject({ removed: ["one_task"], plugins: [{ status: "inspecting" }] });
});

test("a file that is mended while it hangs is not waited for", async () => {
  const project = await Project.make({ "community-tasks/one_task.ts": "for (;;);" });
  const registry = project.registry({ ...strangers, inspection: { timeoutSeconds: 600, memoryMb: 400 } });
  await registry.discover();
  expect(lineOf(registry, "one_task.ts").status).toBe("inspecting");
  await project.write("community-tasks/one_task.ts", taskFile("one_task"));
  await registry.rediscover();
  expect(lineOf(registry, "one_task.ts").status).toBe("loaded");
});

test("what one file leaves behind in the process is not blamed on the next", async () => {
  const project = await Project.make({
    "community-tasks/a_task.ts": taskFile(
      "a_task",
      1,
      "setImmediate(() => { setImmediate(() => { for (;;); }) });",
    ),
    "community-tasks/b_task.ts": taskFile("b_task", 1, "await new Promise((wake) => setTimeout(wake, 50));"),
  });
  const registry = project.registry(strangers);
  await registry.discover();
  expect(await settled(registry, "b_task.ts")).toMatchObject({ status: "loaded" });
});

test("unchanged files are not inspected again, rejected ones only when asked", async () => {
  const project = await Project.make({
    "community-tasks/good_task.ts": counting("good_task"),
    "community-tasks/bad_task.ts": counting("bad_task", 'throw new Error("never");'),
  });
  const registry = project.registry(strangers);
  await registry.discover();
  expect(await imports(project)).toEqual(["bad_task", "good_task"]);
  await registry.watch();
  expect(await imports(project)).toEqual(["bad_task", "good_task"]);
  await registry.rediscover();
  expect(await imports(project)).toEqual(["bad_task", "good_task", "bad_task"]);
});

test("a helper that is mended has the file inspected again", async () => {
  const project = await Project.make({
    "community-tasks/one_task.ts": `import "./_value.ts";\n${taskFile("one_task")}`,
    "community-tasks/_value.ts": "process.exit(3);",
  });
  const registry = project.registry(strangers);
  await registry.discover();
  expect(lineOf(registry, "one_task.ts").reason).toContain("(in _value.ts:1)");
  await registry.watch();
  const change = next(registry);
  await project.write("community-tasks/_value.ts", "export const value = 3;");
  expect(await change).toMatchObject({ added: ["one_task"] });
});

test("claims that depend on the parameters are computed where the file is", async () => {
  const project = await Project.make({
    "community-tasks/one_task.ts": `
      import { Task, z } from "armature/task";
      export class One extends Task.with({
        name: "one_task",
        parameters: z.object({ axis: z.enum(["x", "y"]).transform((axis) => "axis_" + axis), odd: z.boolean().default(false) }),
        uses: ({ axis, odd }) => {
          if (odd) throw new Error("an odd wish");
          return { [axis]: "exclusive" };
        },
      }) {
        async run() {}
      }`,
  });
  const registry = project.registry(strangers);
  await registry.discover();
  const type = registry.get("one_task");
  expect(type?.policy).toMatchObject({ uses: {}, usesDependOnParameters: true });
  expect(await Promise.all([type?.claimsOf({ axis: "x" }), type?.claimsOf({ axis: "y" })])).toEqual([
    { axis_x: "exclusive" },
    { axis_y: "exclusive" },
  ]);
  await expect(type?.claimsOf({ axis: "x", odd: true })).rejects.toThrow("an odd wish");
  await expect(type?.claimsOf({ axis: "z" })).rejects.toThrow("parameters.axis");
});

test("a function of the claims that never returns is given up, and asked anew by the next task", async () => {
  const project = await Project.make({
    "community-tasks/one_task.ts": `
      import { Task, z } from "armature/task";
      export class One extends Task.with({
        name: "one_task",
        parameters: z.object({ hangs: z.boolean() }),
        uses: ({ hangs }) => {
          while (hangs);
          return { stage: "shared" };
        },
      }) {
        async run() {}
      }`,
  });
  const registry = project.registry(strangers);
  await registry.discover();
  const type = registry.get("one_task");
  await expect(type?.claimsOf({ hangs: true })).rejects.toThrow("did not end within 2 s");
  expect(await type?.claimsOf({ hangs: false })).toEqual({ stage: "shared" });
});

test("a file that speaks for its inspection harms itself alone", async () => {
  const project = await Project.make({
    "community-tasks/babble_task.ts": `import { writeSync } from "node:fs"; writeSync(3, "hello parent\\n");`,
    "community-tasks/one_task.ts": taskFile("one_task"),
  });
  const registry = project.registry(strangers);
  await registry.discover();
  expect(lineOf(registry, "one_task.ts").status).toBe("loaded");
  expect(await settled(registry, "babble_task.ts")).toMatchObject({
    status: "rejected",
    reason: expect.stringContaining("what its inspection said cannot be read"),
  });
});

test("a file that is too large, or no regular file, is not even read", async () => {
  const project = await Project.make({
    "community-tasks/large_task.ts": `${taskFile("large_task")}// ${"x".repeat(1024 * 1024)}`,
    "community-tasks/one_task.ts": `import "./_pipe.ts";\n${taskFile("one_task")}`,
  });
  execFileSync("mkfifo", [path.join(project.root, "community-tasks/_pipe.ts")]);
  const registry = project.registry(strangers);
  await registry.discover();
  expect(lineOf(registry, "large_task.ts")).toMatchObject({
    status: "rejected",
    reason: expect.stringMatching(/^it is too large: it has \d+ bytes, and may have 1048576$/),
    remedy: expect.any(String),
  });
  expect(await settled(registry, "one_task.ts")).toMatchObject({ status: "rejected" });
});

test("without a file that is not trusted no process is started, and a registry that is closed leaves none", async () => {
  const project = await Project.make({ "tasks/core/core_task.ts": taskFile("core_task") });
  const registry = project.registry({ ...strangers, inspection: { timeoutSeconds: 600, memoryMb: 400 } });
  await registry.discover();
  expect(inspecting()).toBe(false);
  await project.write("community-tasks/hangs_task.ts", "for (;;);");
  await registry.rediscover();
  expect(inspecting()).toBe(true);
  await registry.close();
  expect(inspecting()).toBe(false);
});
