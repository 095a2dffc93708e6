// What lasts, as the composition root has it: the locked data directory, and what is kept in it.
import type { FileHashes } from "./engine/ports.ts";
import type { Clock } from "./lib/clock.ts";
import type { Closers } from "./lib/closers.ts";
import type { Logger } from "./lib/logger.ts";
import { type DataDirectory, openDataDirectory } from "./store/data-directory.ts";
import { fileHashes } from "./store/hashes.ts";
import { LogFolder } from "./store/logs.ts";
import { Quarantine } from "./store/quarantine.ts";
import { ResultFolder } from "./store/results.ts";
import { TaskStore } from "./store/task-store.ts";

export interface Storage {
  readonly directory: DataDirectory;
  readonly quarantine: Quarantine;
  readonly results: ResultFolder;
  readonly logs: LogFolder;
  readonly hashes: FileHashes;
  /** Nothing is read before the tasks are restored. */
  readonly store: TaskStore;
}

/** @param dataDirectory absolute @throws DATA_DIR_IN_USE, STORE_UNAVAILABLE */
export async function openStorage(
  dataDirectory: string,
  { clock, log }: { clock: Clock; log: Logger },
  closers: Closers,
): Promise<Storage> {
  const directory = await openDataDirectory(dataDirectory);
  closers.add("the data directory", () => directory.close());
  const results = new ResultFolder(dataDirectory, log);
  const logs = new LogFolder(dataDirectory, log);
  const quarantine = new Quarantine({ directory: dataDirectory, clock, logger: log });
  const store = new TaskStore({
    directory: dataDirectory,
    logger: log,
    leavings: [results, logs],
    clock,
    quarantine,
  });
  closers.add("the store", () => store.close());
  return { directory, quarantine, results, logs, hashes: fileHashes(dataDirectory, log), store };
}
