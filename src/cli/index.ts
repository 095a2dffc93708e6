// The command line: finds the command, hands it the shell, and turns whatever goes wrong into a sentence.
import { readFile } from "node:fs/promises";
import path from "node:path";
import { nearest } from "../lib/nearest.ts";
import type { Environment } from "../settings/environment.ts";
import { CommandError, printError } from "./command-error.ts";
import { type Entry, menu, usageOf } from "./menu.ts";
import { exit, type Shell, type StartServer, type StartWorker } from "./shell.ts";
import { type Output, Terminal, table } from "./terminal.ts";

export interface CommandLine {
  /** The words behind `armature`. */
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly projectRoot: string;
  readonly out: Output;
  readonly err: Output;
  readonly startServer: StartServer;
  readonly startWorker: StartWorker;
  readonly onInterrupt: Shell["onInterrupt"];
}

/** @returns the exit code: 0, 1 where something went wrong, 130 where it was interrupted */
export async function runCommandLine({ argv, out, err, ...world }: CommandLine): Promise<number> {
  const shell: Shell = { ...world, out: new Terminal(out, world.env), err: new Terminal(err, world.env) };
  try {
    return await dispatch(argv, shell);
  } catch (error) {
    printError(error, shell.err, world.env.ARMATURE_LOG_LEVEL === "debug");
    return exit.failed;
  }
}

async function dispatch([name, ...words]: readonly string[], shell: Shell): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h" || name === "help")
    return help(words[0], shell);
  if (name === "--version" || name === "-v") return version(shell);
  const entry = entryOf(name);
  // `run <task> --help` is about the task.
  const asksForHelp = words.some((word) => word === "--help" || word === "-h");
  if (asksForHelp && !(name === "run" && words.length > 1)) return help(name, shell);
  return (await entry.load()).run(words, shell);
}

async function version({ projectRoot, out }: Shell): Promise<number> {
  const text = await readFile(path.join(projectRoot, "package.json"), "utf8");
  out.line((JSON.parse(text) as { version: string }).version);
  return exit.fine;
}

function help(name: string | undefined, { out }: Shell): number {
  if (name !== undefined) {
    out.line(`${out.style("bold", usageOf(name))}\n\n${entryOf(name).summary}`);
    return exit.fine;
  }
  out.line(
    `${out.style("bold", "armature")}: a task runtime for machines that move, look and take their time\n`,
  );
  const rows = Object.entries(menu).map(([command, { words, summary }]) => [
    `  ${command} ${words}`,
    summary,
  ]);
  for (const line of table(rows)) out.line(line);
  out.line("\nWhere the server listens comes from settings/firmware.json, ARMATURE_HOST and ARMATURE_PORT.");
  return exit.fine;
}

function entryOf(name: string): Entry {
  const entry = Object.hasOwn(menu, name) ? menu[name] : undefined;
  if (entry) return entry;
  const near = nearest(name, Object.keys(menu), 1).map((command) => `Did you mean \`armature ${command}\`? `);
  throw new CommandError(
    `There is no command '${name}'.`,
    `${near.join("")}\`armature --help\` shows all of them.`,
  );
}
