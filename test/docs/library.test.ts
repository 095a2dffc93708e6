// The program of docs/library.md, as its reader runs it.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { codeBlocksOf, projectRoot, read } from "./page.ts";

const app =
  codeBlocksOf(read("docs/library.md")).find(({ code }) => code.startsWith("// app.ts"))?.code ?? "";

/** A program's folder in which `armature` is installed. */
async function program(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "armature-program-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(path.join(folder, "node_modules"));
  await symlink(projectRoot, path.join(folder, "node_modules/armature"));
  await writeFile(path.join(folder, "package.json"), '{ "type": "module" }');
  return folder;
}

const run = async (folder: string): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(process.execPath, ["--import", "armature/register", "app.ts"], { cwd: folder });

test("the program runs, prints what it says, and ends by itself", async () => {
  const folder = await program();
  await writeFile(path.join(folder, "app.ts"), app);
  expect(await run(folder)).toEqual({ stdout: "3\ncompleted hello { user: 'ada' }\n", stderr: "" });
});

test("with blame, an error nobody awaits fails its task and spares the program", async () => {
  const folder = await program();
  const source = `
    import { createRuntime } from "armature";
    const runtime = await createRuntime({ log: "silent" });
    process.on("unhandledRejection", (error) => { if (!runtime.blame(error)) throw error; });
    const { id } = await runtime.tasks.submit(async (ctx) => {
      void Promise.reject(new Error("nobody waits for me"));
      await ctx.sleep(10_000);
    });
    console.log((await runtime.tasks.waitFor(id)).error);
    await runtime.close();
  `;
  await writeFile(path.join(folder, "app.ts"), source);
  expect((await run(folder)).stdout).toBe("nobody waits for me\n");
});
