// Files on their way from a worker's disk to the runtime's: small ones travel with the messages, larger ones stay.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { WrittenFile } from "../../task/record.ts";

/** Redis holds it twice as long as it takes to travel, and four thirds of its size. */
export const largestFileBytes = 16 * 1024 * 1024;

/** Where the runtime has what lies in the folder of a task. */
const folderOf = (taskId: string): string => `files/${taskId}`;

/** The same artifact as the runtime will have it: in the task's own folder, wherever the worker has it. */
export function atHome(artifact: WrittenFile, taskId: string): WrittenFile {
  const isOwn = artifact.file.startsWith(`${folderOf(taskId)}/`);
  return isOwn ? artifact : { ...artifact, file: `${folderOf(taskId)}/${path.basename(artifact.file)}` };
}

/** @param file as in `artifact.file` @returns base64 @throws Error where it cannot be read */
export const contentOf = (dataDirectory: string, file: string): string =>
  readFileSync(path.resolve(dataDirectory, file), "base64");

/** @throws Error where the disk refuses it, and for a name that leads elsewhere */
export function receiveContent(
  dataDirectory: string,
  taskId: string,
  { file, content }: { readonly file: string; readonly content: string },
): void {
  const own = path.join(dataDirectory, folderOf(taskId));
  const target = path.resolve(dataDirectory, file);
  if (!target.startsWith(own + path.sep)) throw new Error(`${file} does not lie in the folder of the task`);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, Buffer.from(content, "base64"));
}
