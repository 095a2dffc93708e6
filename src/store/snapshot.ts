// Writes all tasks into one file beside and renames it: a JSON array, one line a record, each with its checksum.
// Works in slices, so that the event loop stays free. Knows no journal.
import path from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import type { QueuePause } from "../engine/ports.ts";
import type { StoredTask } from "../task/record.ts";
import { type JournalFiles, writeAll } from "./journal-files.ts";
import { restOf, restOfChange } from "./journal-line.ts";
import { LineBuffer } from "./line-buffer.ts";

export interface Snapshot {
  /** It tells of all changes up to this number. */
  readonly seq: number;
  readonly schemaVersion: number;
  readonly queuePause: QueuePause | null;
  /** A copy of the list, not of the tasks: they are immutable. */
  readonly tasks: readonly StoredTask[];
}

export const snapshotName = "tasks.json";
export const unfinishedName = "tasks.json.tmp";

const sliceBytes = 128 * 1024;

/** Resolves with the file's size once it survives a power cut. Where it fails the old snapshot is still there. */
export async function writeSnapshot(
  files: JournalFiles,
  directory: string,
  snapshot: Snapshot,
): Promise<number> {
  const unfinished = path.join(directory, unfinishedName);
  await files.remove(unfinished);
  const file = await files.create(unfinished, "snapshot");
  let position = 0;
  try {
    for (const bytes of slicesOf(snapshot)) {
      await writeAll(file, bytes, position);
      position += bytes.length;
      await breathe();
    }
    await file.sync();
    await file.close();
    await files.rename(unfinished, path.join(directory, snapshotName));
  } catch (error) {
    // On a full disk what was begun would keep the journal from going on.
    await Promise.allSettled([file.close(), files.remove(unfinished)]);
    throw error;
  }
  await files.syncDirectory(directory);
  return position;
}

/** Head and foot say the same, so that no single damaged line loses it. A slice is valid until the next is asked for. */
function* slicesOf({ seq, schemaVersion, queuePause, tasks }: Snapshot): Generator<Buffer> {
  const facts = { schema_version: schemaVersion, queue_paused: queuePause ?? false, count: tasks.length };
  const slice = new LineBuffer(2 * sliceBytes);
  slice.addBytes(Buffer.from("[\n"));
  slice.add(seq, restOf(facts), ",\n");
  for (const task of tasks) {
    slice.add(seq, restOfChange({ tasks: [task] }), ",\n");
    if (slice.length < sliceBytes) continue;
    yield slice.slice();
    slice.clear();
  }
  slice.add(seq, restOf(facts));
  slice.addBytes(Buffer.from("]\n"));
  yield slice.slice();
}
