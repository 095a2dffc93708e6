// A data directory of a test's own, and stores in it.
import { cp, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { Logger } from "../../../src/lib/logger.ts";
import { TaskStore, type TaskStoreOptions } from "../../../src/store/task-store.ts";

const nothing = (): void => undefined;
export const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Removed when the test has finished. */
export async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), "armature-store-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** As if the process had ended now: what is on the disk, without the process that wrote it. */
export async function copyOf(directory: string): Promise<string> {
  const copy = await newDirectory();
  await cp(directory, copy, { recursive: true });
  return copy;
}

export const storeIn = (directory: string, options: Partial<TaskStoreOptions> = {}): TaskStore =>
  new TaskStore({ directory, logger: silent, ...options });
