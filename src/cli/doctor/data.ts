// The data directory: can it be written, has it room, and does what lies in it read well. Changes nothing in it.
import { cp, mkdtemp, readdir, rm, stat, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { sentenceOf } from "../../errors/runtime-error.ts";
import type { Logger } from "../../lib/logger.ts";
import { TaskStore } from "../../store/task-store.ts";
import { type Finding, fine, note, wrong, wrongBy } from "./finding.ts";

export async function dataFindings(data: string): Promise<Finding[]> {
  const folder = await stat(data).catch(() => null);
  if (folder === null) return [fine(`${data} is made at the first start`)];
  if (!folder.isDirectory())
    return [wrong(`${data} is no directory`, "Move it away, or set ARMATURE_DATA_DIR.")];
  return [await writable(data), await room(data), ...(await tasks(data)), ...(await quarantine(data))];
}

async function writable(data: string): Promise<Finding> {
  const probe = path.join(data, `doctor-${process.pid}.tmp`);
  try {
    await writeFile(probe, "", { flag: "wx" });
    return fine(`${data} can be written`);
  } catch (error) {
    const remedy = "Make it writable for the user the runtime runs as, or set ARMATURE_DATA_DIR.";
    return wrong(`${data} cannot be written: ${sentenceOf(error)}`, remedy);
  } finally {
    await rm(probe, { force: true });
  }
}

const [tight, roomy] = [100 * 1024 ** 2, 1024 ** 3];

async function room(data: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(data);
  const free = bavail * bsize;
  const sentence = `${(free / 1024 ** 3).toFixed(1)} GiB are free`;
  if (free >= roomy) return fine(sentence);
  const remedy = "Remove old projects from data/projects, or move the data directory (ARMATURE_DATA_DIR).";
  return free < tight ? wrong(sentence, remedy) : note(sentence, remedy);
}

/** Reads a copy as a boot would: reading the original would repair it. */
async function tasks(data: string): Promise<Finding[]> {
  const copy = await mkdtemp(path.join(tmpdir(), "armature-doctor-"));
  try {
    if (!(await readdir(data)).includes("tasks")) return [];
    await cp(path.join(data, "tasks"), path.join(copy, "tasks"), { recursive: true });
    const store = new TaskStore({ directory: copy, logger: silent });
    const { tasks } = await store.read();
    const problems = store.problems();
    await store.close();
    return [
      fine(`${tasks.length} stored ${tasks.length === 1 ? "task" : "tasks"} can be read`),
      ...problems.map(({ file, line, reason }) =>
        note(
          `${file}${line === undefined ? "" : `:${line}`}: ${reason}`,
          "The next start puts it into data/quarantine and goes on without it.",
        ),
      ),
    ];
  } catch (error) {
    return [wrongBy(error)];
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function quarantine(data: string): Promise<Finding[]> {
  const names = await readdir(path.join(data, "quarantine")).catch(() => []);
  if (names.length === 0) return [];
  const remedy = `Look into ${path.join(data, "quarantine")}; remove what you do not need.`;
  return [note(`${names.length} damaged file(s) lie in quarantine`, remedy)];
}

/** What there is to say comes as findings. */
const ignore = (): undefined => undefined;
const silent: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
