// The data directory while a runtime uses it: locked, and counted how often that has been.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { RuntimeError, sentenceOf } from "../errors/runtime-error.ts";
import { writeDurably } from "../lib/durable-file.ts";
import { lockDirectory } from "./lock.ts";

export interface DataDirectory {
  /**
   * How often it was opened, this time included. Grows with each; where the count was lost it goes on from the
   * hours since 1970. Below nine million, so that a billion events of each boot can be numbered.
   */
  readonly boots: number;
  /** Gives it back; twice without harm. */
  close(): Promise<void>;
}

/** @throws DATA_DIR_IN_USE, STORE_UNAVAILABLE */
export async function openDataDirectory(directory: string): Promise<DataDirectory> {
  const unlock = await lockDirectory(directory).catch((error: unknown) => {
    throw error instanceof RuntimeError ? error : unavailable(error);
  });
  try {
    return { boots: await countBoot(directory), close: unlock };
  } catch (error) {
    await unlock();
    throw unavailable(error);
  }
}

async function countBoot(directory: string): Promise<number> {
  const file = path.join(directory, "boots.json");
  const boots = ((await lastBoot(file, directory)) ?? hoursSince1970()) + 1;
  await writeDurably(file, `${JSON.stringify({ boots })}\n`);
  return boots;
}

/** Null where the number is lost: no machine boots more than once an hour for half a century. */
async function lastBoot(file: string, directory: string): Promise<number | null> {
  const text = await readFile(file, "utf8").catch(() => null);
  try {
    const { boots } = JSON.parse(text ?? "null") ?? {};
    if (Number.isSafeInteger(boots) && boots > 0 && boots < mostBoots) return boots;
  } catch {
    return null; // not JSON: damaged
  }
  const isNew = !(await readdir(directory)).some((name) => name === "tasks" || name === "boots.json");
  return isNew ? 0 : null;
}

/** Times a billion it is still a whole number. */
const mostBoots = 9_000_000;

const hoursSince1970 = (): number => Math.floor(Date.now() / 3_600_000);

const unavailable = (error: unknown): RuntimeError =>
  new RuntimeError("STORE_UNAVAILABLE", { problem: sentenceOf(error) }, { cause: error });
