// A program of a reader's own: a folder in which `armature` is installed.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { projectRoot } from "./page.ts";

/** @param packages installed in it besides `armature` */
export async function programFolder(packages: readonly string[] = []): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "armature-program-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(path.join(folder, "node_modules"));
  await symlink(projectRoot, path.join(folder, "node_modules/armature"));
  for (const name of packages)
    await symlink(path.join(projectRoot, "node_modules", name), path.join(folder, "node_modules", name));
  await writeFile(path.join(folder, "package.json"), '{ "type": "module" }');
  return folder;
}

/** With the register that the pages name; rejects where the exit code is not 0. */
export const runNode = (
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(process.execPath, ["--import", "armature/register", ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
  });
