// What is written of a running task between its start and its end: how far it is, what it has made, that it stands, that
// it is to stop.
import type { TaskMemo, WrittenFile } from "../../task/record.ts";
import type { Entry } from "../board/entry.ts";
import type { Changes } from "../changes.ts";
import type { FileHashes } from "../ports.ts";
import { amend, transition } from "../transition.ts";

/** Writes how far it is, unless it has ended meanwhile. @throws STORE_UNAVAILABLE */
export function markProgress(entry: Entry, changes: Changes): Promise<void> {
  return entry.serially(async () => {
    if (!entry.progress) return;
    const progress = entry.progress.latest;
    await changes.ask(entry, (task, now) => amend(task, now, { record: { progress } }));
  });
}

/** Writes that it has made this file, in place of what it said of it before. */
export function markArtifact(
  entry: Entry,
  artifact: WrittenFile,
  { changes, hashes }: { readonly changes: Changes; readonly hashes: FileHashes },
): Promise<void> {
  return entry.serially(async () => {
    const { attempt, source } = entry.stored.record;
    const origin = { attempt, source_hash: source.hash };
    const hash = await hashes.of(artifact.file);
    await changes.insist(entry, (task, now) => {
      const others = task.record.artifacts.filter(({ file }) => file !== artifact.file);
      return amend(task, now, { record: { artifacts: [...others, { ...artifact, hash, origin }] } });
    });
  });
}

/** Writes that it stands at a checkpoint, unless it was let go, and asked anew, while this waited for its turn. */
export function markPaused(entry: Entry, changes: Changes): Promise<void> {
  return entry.serially(async () => {
    if (entry.stored.record.status !== "pausing" || !entry.progress || !entry.attempt?.isStanding) return;
    const progress = entry.progress.latest;
    await changes.insist(entry, (task, now) => transition(task, "paused", now, { record: { progress } }), {
      type: "task_paused",
    });
  });
}

/** Writes that it is to stop at its next checkpoint, unless it is there or has ended meanwhile. */
export function markStopping(entry: Entry, changes: Changes): Promise<void> {
  return entry.serially(async () => {
    const { status } = entry.stored.record;
    if (status !== "running" && status !== "pausing") return;
    const memo = { stops_after_step: true } as const;
    await changes.insist(
      entry,
      (task, now) =>
        status === "running" ? transition(task, "pausing", now, { memo }) : amend(task, now, { memo }),
      { type: "task_pausing", stops_after_step: true },
    );
  });
}

/** Writes that it was asked to stop, unless it has ended meanwhile. */
export function markCancelling(
  entry: Entry,
  reason: NonNullable<TaskMemo["cancel_reason"]>,
  changes: Changes,
): Promise<void> {
  return entry.serially(async () => {
    const { status } = entry.stored.record;
    if (status !== "running" && status !== "pausing" && status !== "paused") return;
    await changes.insist(
      entry,
      (task, now) => transition(task, "cancelling", now, { memo: { cancel_reason: reason } }),
      { type: "task_cancelling", reason },
    );
  });
}
