// Finds and reads what the tasks are kept in, and puts aside what cannot be read. Knows nothing of lines.
import path from "node:path";
import { RuntimeError, sentenceOf } from "../errors/runtime-error.ts";
import { codeOf, type JournalFiles } from "./journal-files.ts";
import { journalName, journalNumbers } from "./journal-writer.ts";
import type { Quarantine } from "./quarantine.ts";
import type { Damage, JournalSource, SourceFile } from "./replay.ts";
import { snapshotName, unfinishedName } from "./snapshot.ts";

export interface Sources {
  readonly snapshot: SourceFile | null;
  /** Oldest first. */
  readonly journals: readonly JournalSource[];
  /** The highest number a journal has, or 0. */
  readonly highest: number;
}

/** @throws STORE_UNAVAILABLE when something is there and cannot be read */
export async function readSources(
  files: JournalFiles,
  directory: string,
  quarantine: Quarantine,
): Promise<Sources> {
  const names = await namesIn(files, directory, quarantine);
  const numbers = journalNumbers(names);
  if (names.includes(unfinishedName))
    await Promise.allSettled([files.remove(path.join(directory, unfinishedName))]);
  const source = async (name: string): Promise<SourceFile | null> => {
    const file = path.join(directory, name);
    try {
      return { file, bytes: await files.read(file) };
    } catch (error) {
      if (codeOf(error) !== "EISDIR") throw unreadable(file, error);
      await quarantine.moveFile(file, "it is a directory");
      return null;
    }
  };
  const snapshot = names.includes(snapshotName) ? await source(snapshotName) : null;
  const journals: JournalSource[] = [];
  for (const number of numbers) {
    const found = await source(journalName(number));
    if (found) journals.push({ number, ...found });
  }
  return { snapshot, journals, highest: numbers.at(-1) ?? 0 };
}

async function namesIn(files: JournalFiles, directory: string, quarantine: Quarantine): Promise<string[]> {
  try {
    return await files.list(directory);
  } catch (error) {
    if (codeOf(error) === "ENOTDIR") await quarantine.moveFile(directory, "it is not a directory");
    else if (codeOf(error) !== "ENOENT") throw unreadable(directory, error);
    return [];
  }
}

/** Puts what is damaged into quarantine and lists it. Never rejects. */
export async function keepDamage(damage: readonly Damage[], quarantine: Quarantine): Promise<void> {
  for (const { file, reason, lines } of damage) {
    if (lines === null) await quarantine.moveFile(file, reason);
    else if (lines.length === 0) quarantine.note(file, reason);
    else await quarantine.keepLines(file, lines);
  }
}

const unreadable = (file: string, error: unknown): RuntimeError =>
  new RuntimeError("STORE_UNAVAILABLE", { problem: `${file}: ${sentenceOf(error)}` }, { cause: error });
