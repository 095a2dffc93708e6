// Whose child a task is, and theirs: as far as they are kept.
import type { Board } from "../board/board.ts";
import type { Entry } from "../board/entry.ts";

export function parentOf({ stored }: Entry, board: Board): Entry | undefined {
  const parent = stored.memo.wishes?.parent;
  return parent === undefined ? undefined : board.get(parent);
}

/** The task and all it is beneath. */
export function lineOf(entry: Entry, board: Board): Entry[] {
  const line: Entry[] = [];
  for (let at: Entry | undefined = entry; at; at = parentOf(at, board)) line.push(at);
  return line;
}
