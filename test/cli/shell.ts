// A command line of a test's own: real commands, what they write is kept, Ctrl+C is a function.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { runCommandLine } from "../../src/cli/index.ts";
import type { StartServer } from "../../src/cli/shell.ts";

export const projectRoot = path.resolve(import.meta.dirname, "../..");

export interface Typed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Around {
  readonly env?: Readonly<Record<string, string>>;
  readonly projectRoot?: string;
  readonly startServer?: StartServer;
}

/** Types `armature …words` and waits for its end. */
export async function type(words: readonly string[], around: Around = {}): Promise<Typed> {
  const written = { out: "", err: "" };
  const code = await runCommandLine({
    argv: words,
    env: around.env ?? {},
    projectRoot: around.projectRoot ?? projectRoot,
    out: { write: (text) => (written.out += text) },
    err: { write: (text) => (written.err += text) },
    startServer: around.startServer ?? (() => Promise.reject(new Error("no server is to be started"))),
    onInterrupt: () => () => undefined,
  });
  return { code, ...written };
}

export async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), "armature-cli-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}
