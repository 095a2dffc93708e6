// The first message to a task that runs elsewhere. Knows no line.
import type { Work } from "../engine/ports.ts";
import type { Start } from "./protocol.ts";

/** Where a task may read and write. */
export interface Places {
  /** Absolute. */
  readonly dataDirectory: string;
  /** Absolute; read anew at every start. */
  readonly mediaDirectories: () => readonly string[];
}

export const startOf = (work: Work, { dataDirectory, mediaDirectories }: Places): Start => ({
  type: "start",
  taskId: work.taskId,
  attempt: work.attempt,
  module: work.type.module,
  file: work.type.source.file,
  parameters: work.parameters,
  resumedFrom: work.resumedFrom,
  userContext: work.userContext ?? null,
  dependencies: work.dependencies,
  dataDirectory,
  mediaDirectories: mediaDirectories(),
});
