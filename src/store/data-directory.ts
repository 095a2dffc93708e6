// The data directory while a runtime uses it: locked, and counted how often that has been.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { RuntimeError, sentenceOf } from "../errors/runtime-error.ts";
import { writeDurably } from "../lib/durable-file.ts";
import { lockDirectory } from "./lock.ts";

export interface DataDirectory {
  /**
   * How often it was opened, this time included. Grows with each; where the count was lost it goes on from the
   * seconds since 1970. Below 2 ** 32.
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
  const boots = ((await lastBoot(file, directory)) ?? secondsSince1970()) + 1;
  await writeDurably(file, `${JSON.stringify({ boots })}\n`);
  return boots;
}

/** Null where the number is lost: no count of boots, one a second at most, can be beyond the time. */
async function lastBoot(file: string, directory: string): Promise<number | null> {
  const text = await readFile(file, "utf8").catch(() => null);
  try {
    const { boots } = JSON.parse(text ?? "null") ?? {};
    if (Number.isSafeInteger(boots) && boots > 0 && boots < 2 ** 32 - 1) return boots;
  } catch {
    return null; // not JSON: damaged
  }
  const isNew = !(await readdir(directory)).some((name) => name === "tasks" || name === "boots.json");
  return isNew ? 0 : null;
}

const secondsSince1970 = (): number => Math.floor(Date.now() / 1000);

const unavailable = (error: unknown): RuntimeError =>
  new RuntimeError("STORE_UNAVAILABLE", { problem: sentenceOf(error) }, { cause: error });
