// <project>/model: there is the old model, or the new one, never a part of one.
import { rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { syncDirectory } from "../../lib/durable-file.ts";

/** Beside the model, so that a rename is all it takes. */
export const besideModel = (project: string): string => path.join(project, "model.new");
const before = (project: string): string => path.join(project, "model.before");

/** A power cut between the two renames leaves no model, and the one before beside it: it comes back. */
export async function mendModel(project: string): Promise<void> {
  await rm(besideModel(project), { recursive: true, force: true });
  if (!(await isThere(before(project)))) return;
  if (await isThere(modelOf(project))) await rm(before(project), { recursive: true });
  else await rename(before(project), modelOf(project));
  await syncDirectory(project);
}

/** Puts what lies `besideModel` in the model's place; resolves when that survives a power cut. @param project absolute */
export async function replaceModel(project: string): Promise<void> {
  if (await isThere(modelOf(project))) await rename(modelOf(project), before(project));
  await rename(besideModel(project), modelOf(project));
  await syncDirectory(project);
  await rm(before(project), { recursive: true, force: true });
}

export const modelOf = (project: string): string => path.join(project, "model");

async function isThere(folder: string): Promise<boolean> {
  return (await stat(folder).catch(() => null)) !== null;
}
