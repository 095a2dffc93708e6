// Tells when something in the watched folders has changed and its writing has settled. Does not look at what it was.
import { type FSWatcher, watch as watchName } from "node:fs";
import { realpath } from "node:fs/promises";
import path from "node:path";
import type { Logger } from "../lib/logger.ts";

export interface WatchTargets {
  /** Folders and files that are there, absolute, sorted. */
  readonly present: readonly string[];
  /** For each that is not: the nearest folder above it that is there, and the name that has to appear in it. */
  readonly awaited: readonly { readonly folder: string; readonly name: string }[];
}

export interface Watch {
  readonly targets: WatchTargets;
  close(): Promise<void>;
}

/** A file counts as written when its size has stood still for this long. */
const stillMs = 150;
/** Editors write, rename and delete in one go: that is one change. */
const gatherMs = 50;

/** @param others what task files import and links lead to, wherever it lies */
export async function targetsOf(
  folders: readonly string[],
  others: readonly string[],
): Promise<WatchTargets> {
  const outside = others.filter((other) => !folders.some((folder) => other.startsWith(folder + path.sep)));
  const present = new Set<string>();
  const awaited: { folder: string; name: string }[] = [];
  for (const target of [...new Set([...folders, ...outside])].sort()) {
    const { nearest, real } = await nearestPresent(target);
    if (nearest === target) present.add(real);
    else awaited.push({ folder: nearest, name: path.relative(nearest, target).split(path.sep)[0] as string });
  }
  return { present: [...present].sort(), awaited };
}

/** `real`: where it leads to. The watch itself follows no links, which may lead in circles. */
async function nearestPresent(target: string): Promise<{ nearest: string; real: string }> {
  const real = await realpath(target).catch(() => null);
  if (real !== null || path.dirname(target) === target) return { nearest: target, real: real ?? target };
  return nearestPresent(path.dirname(target));
}

/** Resolves when everything is watched. */
export async function startWatch(targets: WatchTargets, onSettled: () => void, log: Logger): Promise<Watch> {
  // Loaded here: a runtime that does not watch does not pay for it.
  const { watch } = await import("chokidar");
  let timer: NodeJS.Timeout | undefined;
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(onSettled, gatherMs);
    timer.unref();
  };
  const failed = (error: unknown): void =>
    log.warn(
      { error: String(error) },
      "a task folder cannot be watched: POST /plugins/rediscover looks again",
    );

  const watcher = watch([...targets.present], {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (file) => /[\\/](node_modules|\.[^\\/]+)$/.test(file) && !targets.present.includes(file),
    awaitWriteFinish: { stabilityThreshold: stillMs, pollInterval: 50 },
  });
  watcher.on("error", failed);
  watcher.on("all", (event, file) => {
    // A link to a folder comes and goes as a file without an ending.
    if (event.endsWith("Dir") || /\.m?[jt]s$|[\\/][^\\/.]+$/.test(file)) changed();
  });
  const waiting = targets.awaited.flatMap(({ folder, name }): FSWatcher[] => {
    try {
      const one = watchName(folder, (_, seen) => {
        if (seen === name) changed();
      });
      return [one.on("error", failed)];
    } catch (error) {
      failed(error);
      return [];
    }
  });
  // With nothing to watch chokidar is never ready.
  if (targets.present.length > 0) await new Promise<void>((resolve) => watcher.once("ready", resolve));
  return {
    targets,
    async close() {
      clearTimeout(timer);
      for (const one of waiting) one.close();
      await watcher.close();
    },
  };
}
