// One runtime per data directory. The lock names its process; a dead one's lock is taken over.
// Sees processes of this machine (or container) only: a directory shared over a network is not guarded.
import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { RuntimeError } from "../errors/runtime-error.ts";
import { codeOf } from "./journal-files.ts";
import { identityOf, isAlive, type ProcessIdentity } from "./processes.ts";

let unique = 0;

/** Resolves with how to give the lock back. @throws DATA_DIR_IN_USE */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true });
  const lock = path.join(directory, "lock.json");
  const beside = path.join(directory, `lock.json.${process.pid}-${++unique}.tmp`);
  // The key tells this lock from a later one of the same process.
  const text = `${JSON.stringify({ ...(await identityOf(process.pid)), key: randomUUID() })}\n`;
  await writeFile(beside, text);
  try {
    // A link appears whole or not at all, and never replaces: nobody reads half a lock.
    while (!(await tryLink(beside, lock))) await removeStale(lock, directory);
  } finally {
    await rm(beside, { force: true });
  }
  return async () => {
    if ((await textOf(lock)) === text) await rm(lock, { force: true });
  };
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

async function removeStale(lock: string, directory: string): Promise<void> {
  const seen = await textOf(lock);
  const holder = holderIn(seen);
  if (holder && (await isAlive(holder))) throw inUse(holder, directory);
  const aside = path.join(directory, `lock.json.${process.pid}-${++unique}.stale`);
  try {
    await rename(lock, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return; // somebody else was quicker
    throw error;
  }
  const moved = await textOf(aside);
  // Between reading and moving somebody else took over: what was moved is theirs, and goes back.
  if (moved !== seen) await tryLink(aside, lock);
  await rm(aside, { force: true, recursive: true });
}

const textOf = (file: string): Promise<string | null> => readFile(file, "utf8").catch(() => null);

/** A lock nobody can read was left by a power cut. */
function holderIn(text: string | null): ProcessIdentity | null {
  try {
    const { pid, started } = JSON.parse(text ?? "");
    return Number.isInteger(pid) && pid > 0
      ? { pid, started: typeof started === "string" ? started : null }
      : null;
  } catch {
    return null;
  }
}

const inUse = (holder: ProcessIdentity, directory: string): RuntimeError =>
  new RuntimeError("DATA_DIR_IN_USE", { pid: holder.pid, directory });
