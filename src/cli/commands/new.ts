// armature new: a task file to start from, in community-tasks or where --dir says.
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { isRuntimeError } from "../../errors/runtime-error.ts";
import { foldersOf } from "../../registry/discover.ts";
import { offerTsconfig } from "../../registry/editor.ts";
import { loadSettings } from "../../settings/load.ts";
import { CommandError } from "../command-error.ts";
import { usageOf } from "../menu.ts";
import { readOptions } from "../options.ts";
import { mendNames, taskText } from "../scaffold.ts";
import { exit, type Shell } from "../shell.ts";
import { shownPath } from "../terminal.ts";

const options = {
  blocking: { type: "boolean", default: false },
  exclusive: { type: "boolean", default: false },
  dir: { type: "string" },
} as const;

export async function run(words: readonly string[], shell: Shell): Promise<number> {
  const { projectRoot, out } = shell;
  const { values, positionals } = readOptions("new", words, options, 1);
  const [typed] = positionals;
  if (typed === undefined) throw new CommandError("The new task has no name.", `Usage: ${usageOf("new")}`);
  const names = mendNames(typed);
  const folder = path.resolve(values.dir ?? path.join(projectRoot, "community-tasks"));
  const file = path.join(folder, names.file);
  await mkdir(folder, { recursive: true });
  await write(file, taskText(names, { isBlocking: values.blocking, isExclusive: values.exclusive }));
  if (names.task !== typed)
    out.line(`Task names are snake_case and end in _task: ${typed} becomes ${names.task}.`);
  out.line(`${out.style("green", "✓")} ${shownPath(file)}`);
  // Inside the project the editor finds armature/task by itself.
  if (path.relative(projectRoot, folder).startsWith("..")) await tellTsconfig(folder, out);
  if (values.dir === undefined || (await isLookedInto(folder, shell)))
    out.line(`  Next: npx armature run ${names.task}`);
  else
    out.line(
      `  Next: name ${shownPath(folder)} in ARMATURE_COMMUNITY_TASKS_DIR, or in task_autodiscovery_folders of ` +
        `settings/firmware.json: no runtime looks there yet. Then npx armature run ${names.task}`,
    );
  return exit.fine;
}

/** Whether a runtime with these settings takes files of this folder. */
async function isLookedInto(folder: string, shell: Shell): Promise<boolean> {
  const settings = await loadSettings(shell).catch((error: unknown) => {
    if (isRuntimeError(error)) return null; // the settings are for `armature doctor`; the file is written
    throw error;
  });
  if (settings === null) return true;
  const { firmware, directories } = settings;
  const folders = foldersOf(
    { projectRoot: shell.projectRoot, externalDirectory: directories.externalTasks },
    {
      enabled: firmware.task_autodiscovery_enabled,
      folders: firmware.task_autodiscovery_folders,
      includeSubfolders: firmware.task_autodiscovery_include_subfolders,
    },
  );
  return folders.some(({ path: looked, deep }) => {
    const below = path.relative(looked, folder);
    return below === "" || (deep && !below.startsWith("..") && !path.isAbsolute(below));
  });
}

async function write(file: string, text: string): Promise<void> {
  await writeFile(file, text, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
    throw new CommandError(
      `${shownPath(file)} is already there.`,
      "Choose another name, or remove the file first.",
    );
  });
}

async function tellTsconfig(folder: string, out: Shell["out"]): Promise<void> {
  const tsconfig = await offerTsconfig(folder);
  if (tsconfig)
    out.line(`${out.style("green", "✓")} ${shownPath(tsconfig)}, so that your editor finds armature/task`);
}
