// From the bytes of a snapshot and its journals to the tasks they tell of, and to what of them is damaged.
// Pure: reads and moves no files.
import type { QueuePause } from "../engine/ports.ts";
import { RuntimeError } from "../errors/runtime-error.ts";
import type { StoredTask } from "../task/record.ts";
import { type Contents, contentsOf, newline } from "./contents.ts";
import { type Change, type Line, readLine } from "./journal-line.ts";
import { type Migration, migrate, schemaOf } from "./migrations.ts";

/** The model in memory. Only the map is ever changed, never a task in it. */
export interface StoredTasks {
  /** By id, in the order they were created. */
  readonly tasks: Map<string, StoredTask>;
  queuePause: QueuePause | null;
}

export const noTasks = (): StoredTasks => ({ tasks: new Map(), queuePause: null });

export interface SourceFile {
  readonly file: string;
  readonly bytes: Buffer;
}

export interface JournalSource extends SourceFile {
  readonly number: number;
}

export interface Damage {
  readonly file: string;
  readonly reason: string;
  /** The lines to keep; null: the file as a whole; none: nothing is left of what is missing. */
  readonly lines: readonly { line: number; bytes: Uint8Array; reason: string }[] | null;
}

export interface Replayed {
  readonly state: StoredTasks;
  /** The highest number seen. */
  readonly seq: number;
  readonly damage: readonly Damage[];
  /** Journals that end in the middle of a line, as after a power cut, and how many bytes of them count. */
  readonly torn: ReadonlyMap<number, number>;
  /** How many bytes of older journals count, as later ones say. */
  readonly ends: ReadonlyMap<number, number>;
  /** Something was stored in an older schema. */
  readonly migrated: boolean;
  /** Tasks whose removal the journals tell of, and which are not there again. */
  readonly removed: readonly string[];
  /** How many changes the journals hold. */
  readonly changes: number;
}

export function applyChange(state: StoredTasks, change: Change): void {
  const { tasks, removed, queue_paused } = change;
  if (tasks) for (const task of tasks) state.tasks.set(task.record.id, task);
  if (removed) for (const id of removed) state.tasks.delete(id);
  if (queue_paused !== undefined) state.queuePause = pauseOf(queue_paused);
}

const pauseOf = (stored: QueuePause | boolean): QueuePause | null =>
  stored === true ? { because: "user", since: null, task_ids: [] } : stored || null;

const headOf = (lines: readonly Line[]): Line | undefined =>
  lines.find((line) => line.schema_version !== undefined);

/** @throws DATA_FROM_NEWER */
export function replay(
  snapshot: SourceFile | null,
  journals: readonly JournalSource[],
  steps: readonly Migration[],
): Replayed {
  const known = schemaOf(steps);
  const state = noTasks();
  const damage: Damage[] = [];
  const torn = new Map<number, number>();
  let seq = 0;
  let version = known;
  let migrated = false;
  let changes = 0;
  const removed: string[] = [];

  const enter = (source: SourceFile, lines: readonly Line[]): void => {
    version = headOf(lines)?.schema_version ?? version;
    if (version > known)
      throw new RuntimeError("DATA_FROM_NEWER", { file: source.file, found: version, known });
    if (version < known) migrated = true;
  };
  const apply = (line: Line): void => {
    const tasks = line.tasks && version < known ? line.tasks.map(upgrade) : line.tasks;
    applyChange(state, tasks ? { ...line, tasks } : line);
  };
  const upgrade = (task: unknown): StoredTask => migrate(task, version, steps);

  if (snapshot) {
    const contents = contentsOf(snapshot.bytes);
    enter(snapshot, contents.lines);
    const head = headOf(contents.lines);
    for (const line of contents.lines) apply(line);
    seq = head?.seq ?? 0;
    damage.push(...damageOfSnapshot(snapshot, contents, head?.count, state.tasks.size));
  }

  // A head's number may be higher than that of changes that follow it: they waited while the disk refused.
  let applied = seq;
  const ends = endsOf(journals);
  const read = journals.map((source) => {
    const bytes = withoutZeros(source.bytes.subarray(0, ends.get(source.number) ?? source.bytes.length));
    return { source, bytes, contents: contentsOf(bytes) };
  });
  const lastWithChanges = read.findLastIndex(({ contents }) => contents.lines.some(isChange));
  read.forEach(({ source, bytes, contents: { lines, damaged, tornAt } }, index) => {
    enter(source, lines);
    for (const line of lines) {
      seq = Math.max(seq, line.seq);
      if (!isChange(line) || line.seq <= applied) continue;
      applied = line.seq;
      changes++;
      apply(line);
      if (line.removed) removed.push(...line.removed);
    }
    if (damaged.length > 0)
      damage.push({ file: source.file, reason: "damaged lines", lines: lines.length > 0 ? damaged : null });
    if (tornAt === null) return;
    torn.set(source.number, tornAt);
    // A power cut tears what was written last, or a journal's head; a fragment in front of later changes is damage.
    if (index < lastWithChanges && tornAt > 0) {
      const line = lines.length + damaged.length + 1;
      damage.push({
        file: source.file,
        reason: "the file ends in the middle of a line",
        lines: [{ line, bytes: bytes.subarray(tornAt), reason: "the line ends early" }],
      });
    }
  });
  return {
    state,
    seq,
    damage,
    torn,
    ends,
    migrated,
    changes,
    removed: removed.filter((id) => !state.tasks.has(id)),
  };
}

/** What a journal's process had reserved and did not come to write. */
function withoutZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}

const isChange = (line: Line): boolean => line.schema_version === undefined;

/** What the heads of journals say about the ones before them. */
function endsOf(journals: readonly JournalSource[]): Map<number, number> {
  const ends = new Map<number, number>();
  for (const { bytes } of journals) {
    const end = bytes.indexOf(newline);
    const head = end === -1 ? null : readLine(bytes, 0, end);
    for (const [number, bytesThatCount] of Object.entries(head?.ends ?? {}))
      ends.set(Number(number), bytesThatCount);
  }
  return ends;
}

function damageOfSnapshot(
  { file, bytes }: SourceFile,
  { lines, damaged, tornAt }: Contents,
  count: number | undefined,
  found: number,
): Damage[] {
  if (lines.length === 0) {
    return [
      { file, reason: bytes.length === 0 ? "the file is empty" : "nothing in it is whole", lines: null },
    ];
  }
  const torn =
    tornAt === null
      ? []
      : [
          {
            line: bytes.subarray(0, tornAt).filter((byte) => byte === newline).length + 1,
            bytes: bytes.subarray(tornAt),
            reason: "the line ends early",
          },
        ];
  const all = [...damaged, ...torn];
  if (all.length > 0) return [{ file, reason: "damaged lines", lines: all }];
  if (count === undefined || count === found) return [];
  return [{ file, reason: `it ends early: ${found} of ${count} tasks are in it`, lines: [] }];
}
