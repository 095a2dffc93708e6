// Tells when something in the watched folders has changed and its writing has settled. Does not look at what it was.
import type { Logger } from "../lib/logger.ts";
import type { Folder } from "./discover.ts";

export interface WatchList {
  readonly folders: readonly Folder[];
  /** Files outside those folders that task files import; absolute. */
  readonly helpers: readonly string[];
}

export interface WatchOptions {
  readonly list: WatchList;
  readonly onSettled: () => void;
  readonly log: Logger;
}

export interface Watch {
  /** Follows the settings and the imports as they change. */
  update(list: WatchList): void;
  close(): Promise<void>;
}

/** A file counts as written when its size has stood still for this long. */
const stillMs = 150;
/** Editors write, rename and delete in one go: that is one change. */
const gatherMs = 50;

/** Resolves when every folder is watched. A folder that is not there yet is taken up when it appears. */
export async function startWatch({ list, onSettled, log }: WatchOptions): Promise<Watch> {
  // Loaded here: a runtime that does not watch does not pay for it.
  const { watch } = await import("chokidar");
  let timer: NodeJS.Timeout | undefined;
  const watched = new Set(pathsOf(list));
  const watcher = watch([...watched], {
    ignoreInitial: true,
    ignored: (path) => /[\\/](node_modules|\.[^\\/]+)$/.test(path),
    awaitWriteFinish: { stabilityThreshold: stillMs, pollInterval: 50 },
  });
  watcher.on("all", (_event, path) => {
    if (!/\.m?[jt]s$/.test(path) && !/[\\/][^.\\/]+$/.test(path)) return;
    clearTimeout(timer);
    timer = setTimeout(onSettled, gatherMs);
    timer.unref();
  });
  watcher.on("error", (error) => log.warn({ error: String(error) }, "a task folder cannot be watched"));
  await new Promise<void>((resolve) => watcher.once("ready", resolve));
  return {
    update(next) {
      const paths = new Set(pathsOf(next));
      const gone = [...watched].filter((path) => !paths.has(path));
      const added = [...paths].filter((path) => !watched.has(path));
      for (const path of gone) watched.delete(path);
      for (const path of added) watched.add(path);
      watcher.unwatch(gone);
      watcher.add(added);
    },
    async close() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}

const pathsOf = ({ folders, helpers }: WatchList): string[] => [
  ...folders.map((folder) => folder.path),
  ...helpers.filter((helper) => !folders.some((folder) => helper.startsWith(`${folder.path}/`))),
];
