// One runtime per data directory. The lock names its process; a dead one's lock is taken over.
// Sees processes of this machine (or container) only: a directory shared over a network is not guarded.
import { createHash, randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { RuntimeError } from "../errors/runtime-error.ts";
import { makeFolder } from "../lib/make-folder.ts";
import { identityOf, isAlive, type ProcessIdentity } from "../lib/processes/identity.ts";
import { codeOf } from "./journal-files.ts";

/** Resolves with how to give the lock back. @throws DATA_DIR_IN_USE */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  await makeFolder(directory);
  // The key tells this lock from a later one of the same process.
  const key = randomUUID();
  const text = `${JSON.stringify({ ...identityOf(process.pid), key })}\n`;
  const lock = path.join(directory, "lock.json");
  const beside = path.join(directory, `lock.json.${key}.tmp`);
  await writeFile(beside, text);
  try {
    await acquire(lock, beside, directory);
  } finally {
    await rm(beside, { force: true });
  }
  return async () => {
    if ((await textOf(lock)) === text) await rm(lock, { force: true });
  };
}

/**
 * Makes `lock` a name of the file `beside`, where nobody alive has it. A stale lock is replaced only by who holds the
 * lock on exactly that stale lock, so that no two replace it one after the other.
 */
async function acquire(lock: string, beside: string, directory: string): Promise<void> {
  while (!(await tryLink(beside, lock))) {
    const seen = await textOf(lock);
    if (seen === null) continue; // given back just now
    const holder = holderIn(seen);
    if (holder && isAlive(holder)) throw new RuntimeError("DATA_DIR_IN_USE", { pid: holder.pid, directory });
    const takeover = path.join(directory, `lock.${createHash("sha256").update(seen).digest("hex")}.json`);
    await acquire(takeover, beside, directory);
    try {
      if ((await textOf(lock)) !== seen) continue; // somebody else was quicker
      const ready = `${beside}.ready`;
      await link(beside, ready);
      await rename(ready, lock);
      return;
    } finally {
      await rm(takeover, { force: true });
    }
  }
}

/** A link appears whole or not at all, and never replaces: nobody reads half a lock. */
async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

/** A lock nobody can read was left by a power cut. */
function holderIn(text: string): ProcessIdentity | null {
  try {
    const { pid, started } = JSON.parse(text);
    return Number.isInteger(pid) && pid > 0
      ? { pid, started: typeof started === "string" ? started : null }
      : null;
  } catch {
    return null;
  }
}
