// The program as it is joined from its sources: a copy of the project, with its packages behind links.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { beginningOf } from "../../../src/lib/joined/joined.mjs";

const project = path.resolve(import.meta.dirname, "../../..");

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

class Copy {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async make(): Promise<Copy> {
    const root = await mkdtemp(path.join(os.tmpdir(), "armature-joined-"));
    await mkdir(path.join(root, "node_modules"));
    for (const name of await readdir(path.join(project, "node_modules")))
      if (!name.startsWith("."))
        await symlink(path.join(project, "node_modules", name), path.join(root, "node_modules", name));
    for (const name of ["src", "settings", "tasks", "package.json"])
      await cp(path.join(project, name), path.join(root, name), { recursive: true });
    return new Copy(root);
  }

  get cache(): string {
    return path.join(this.root, "node_modules/.cache/armature");
  }

  async armature(words: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
    const child = spawn(process.execPath, [path.join(this.root, "src/cli/armature.mjs"), ...words], {
      env: { ...process.env, ARMATURE_DATA_DIR: path.join(this.root, "data"), ...env },
    });
    let out = "";
    let err = "";
    child.stdout.on("data", (text) => (out += text));
    child.stderr.on("data", (text) => (err += text));
    const [code] = await once(child, "close");
    return { code, out, err };
  }

  async version(): Promise<string> {
    const { out, err } = await this.armature(["--version"], { ARMATURE_LOG_LEVEL: "debug" });
    return out + err;
  }

  /** The folders there are, and the one that is listed. */
  async joined(): Promise<{ folders: string[]; listed: string }> {
    const names = await readdir(this.cache);
    const [list = ""] = names.filter((name) => name.endsWith(".json"));
    const { folder } = JSON.parse(await readFile(path.join(this.cache, list), "utf8"));
    return { folders: names.filter((name) => name.startsWith("joined-")), listed: folder };
  }
}

let copy: Copy;
beforeAll(async () => {
  copy = await Copy.make();
});
beforeEach(() => rm(path.dirname(copy.cache), { recursive: true, force: true }));
afterAll(() => rm(copy.root, { recursive: true, force: true }));

const version = `${JSON.parse(await readFile(path.join(project, "package.json"), "utf8")).version}\n`;

test("what is damaged, cut off or gone is joined anew", async () => {
  await copy.version();
  const [list = ""] = (await readdir(copy.cache)).filter((name) => name.endsWith(".json"));
  await writeFile(path.join(copy.cache, list), '{ "folder": "joined-');
  expect(await copy.version()).toBe(version);

  await truncate(path.join(copy.cache, (await copy.joined()).listed, "cli-program.mjs"));
  expect(await copy.version()).toBe(version);

  await rm(path.join(copy.cache, (await copy.joined()).listed), { recursive: true });
  expect(await copy.version()).toBe(version);
});

test("several that start for the first time at once do not get in each other's way", async () => {
  const said = await Promise.all([copy.version(), copy.version(), copy.version()]);
  expect(said).toEqual([version, version, version]);
  expect((await copy.joined()).folders).toContain((await copy.joined()).listed);
});

test("where nothing can be written beside the packages the sources run as they are, and the doctor says so", async () => {
  await writeFile(path.join(copy.root, "node_modules/.cache"), "a file");
  expect(await copy.armature(["--version"])).toEqual({ code: 0, out: version, err: "" });

  const { out } = await copy.armature(["doctor"], { ARMATURE_PORT: "0" });
  expect(out).toContain("the program runs from its sources");
  expect(out).toContain(copy.cache);
});

test("a stack trace names the sources", async () => {
  const { err } = await copy.armature(["nonsense"], { ARMATURE_LOG_LEVEL: "debug" });
  expect(err).toMatch(/at entryOf \(\/.*\/src\/cli\/index\.ts:\d+:\d+\)/);
  expect(err).not.toContain(".cache");
});

test("what a program, a thread or a child loads by its name is joined, too", async () => {
  await copy.version();
  const folder = path.join(copy.cache, (await copy.joined()).listed);
  const texts = await Promise.all(
    (await readdir(folder))
      .filter((name) => name.endsWith(".mjs"))
      .map((name) => readFile(path.join(folder, name), "utf8")),
  );
  const named = texts.flatMap((text) =>
    Array.from(text.matchAll(/new URL\("\.\/([^"]+)", import\.meta\.url\)/g), ([, name]) => name as string),
  );
  expect(await readdir(folder)).toEqual(expect.arrayContaining(named));
  expect(named).toEqual(expect.arrayContaining(["child.mjs", "lanes-worker-entry.mjs", "task-index.mjs"]));
});

test("what sources start begins joined, too; a file that is none of ours begins as it is", async () => {
  const child = await beginningOf(pathToFileURL(path.join(project, "src/child.mjs")));
  expect(child.pathname).toMatch(/\.cache\/armature\/joined-\w+\/child\.mjs$/);
  expect((await stat(child)).isFile()).toBe(true);
  expect(await beginningOf(child)).toEqual(child);

  const stranger = pathToFileURL(path.join(project, "test/lib/processes/entry.mjs"));
  expect(await beginningOf(stranger)).toEqual(stranger);
});

// The last one: it changes the sources.
test("the first start joins the sources, the next ones run what was joined until a source changes", async () => {
  expect(await copy.version()).toBe(version);
  const first = await copy.joined();
  expect(first.folders).toEqual([first.listed]);

  expect(await copy.version()).toBe(version);
  expect(await copy.joined()).toEqual(first);

  await appendFile(path.join(copy.root, "src/version.ts"), '\nprocess.stdout.write("changed ");\n');
  await appendFile(path.join(copy.root, "src/cli/index.ts"), '\nprocess.stdout.write("too ");\n');
  expect(await copy.version()).toBe(`too ${version}`);
  expect((await copy.joined()).listed).not.toBe(first.listed);
});
