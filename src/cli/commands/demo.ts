// armature demo: the machine does something to look at. A short simulated scan, then a crop of one of its photos.
import { readdir } from "node:fs/promises";
import path from "node:path";
import { loadSettings } from "../../settings/load.ts";
import { findToken } from "../../settings/token.ts";
import type { TaskView } from "../../task/record.ts";
import { attend, tellEnd } from "../attend.ts";
import { Client } from "../client.ts";
import { readOptions } from "../options.ts";
import { exit, type RunningServer, type Shell, untilInterrupted } from "../shell.ts";
import { shownPath } from "../terminal.ts";

interface ScanResult {
  readonly photos: number;
  /** Relative to the data directory. */
  readonly directory: string;
}

interface CropResult {
  readonly box: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
  readonly cropped: string;
}

const scan = { task: "scan_task", parameters: { project: "demo", points: 12, pause_before_capture_ms: 0 } };

export async function run(words: readonly string[], shell: Shell): Promise<number> {
  readOptions("demo", words, {}, 0);
  const { out } = shell;
  out.line(out.style("bold", "Armature demo: a scanner that is not there scans a pot that is not there."));
  const server = await shell.startServer({
    projectRoot: shell.projectRoot,
    // What the log tells at its usual level would stand between the bar and its reader.
    env: { ...shell.env, ARMATURE_LOG_LEVEL: shell.env.ARMATURE_LOG_LEVEL || "warn" },
    print: (line) => out.line(line),
  });
  try {
    const code = await show(server, shell);
    if (code !== exit.fine) return code;
    const told = untilInterrupted(shell);
    out.line(
      `\nThe server stays up at ${out.style("bold", server.url)}: its API to try out is at ${server.url}/docs`,
    );
    out.line(
      "In another terminal: npx armature list · npx armature watch · npx armature run hello_world_async_task",
    );
    if (shell.env.ARMATURE_PORT)
      out.line(`There type this first: export ARMATURE_PORT=${new URL(server.url).port}`);
    out.line("Ctrl+C ends it.");
    await told;
    return exit.fine;
  } finally {
    await server.close();
  }
}

async function show(server: RunningServer, shell: Shell): Promise<number> {
  const { out } = shell;
  const settings = await loadSettings(shell);
  const client = new Client(server.url, await findToken(settings));
  // Everything in here is meant for the eye.
  const both = { ...shell, err: out };
  const shown = (file: string): string => shownPath(path.join(settings.directories.data, file));

  out.line("\n1  Twelve photos from all around, spread like the seeds of a sunflower");
  const scanned = await attend(client, scan, both);
  const scanCode = endOf(scanned, out);
  if (scanned === null || scanCode !== exit.fine) return scanCode;
  const { photos, directory } = scanned.result as ScanResult;
  out.line(`  ${photos} photos in ${shown(directory)}`);

  const photo = path.join(directory, await middlePhoto(path.join(settings.directories.data, directory)));
  out.line(`\n2  The pot cut out of ${path.basename(photo)}`);
  const cropped = await attend(client, { task: "crop_task", parameters: { photo } }, both);
  const cropCode = endOf(cropped, out);
  if (cropped === null || cropCode !== exit.fine) return cropCode;
  const { box, cropped: file } = cropped.result as CropResult;
  out.line(`  ${box.width} × ${box.height} pixels at ${box.left}, ${box.top}: ${shown(file)}`);
  return exit.fine;
}

/** Seen from the side, more or less: the pole is the first. */
async function middlePhoto(directory: string): Promise<string> {
  const photos = (await readdir(directory)).filter((name) => /\.jpe?g$/.test(name)).sort();
  return photos[Math.floor(photos.length / 2)] ?? "";
}

const endOf = (task: TaskView | null, out: Shell["out"]): number =>
  task === null ? exit.interrupted : tellEnd(task, out);
