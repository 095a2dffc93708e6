// Somebody else's program, from its start to the end of all it started. No shell. Knows nothing of what it is for.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { withoutSecrets } from "./environment.ts";
import { identityOf, type ProcessIdentity } from "./identity.ts";
import { readLines } from "./output.ts";
import { endOthers } from "./sweep.ts";
import { endTree, markName } from "./table.mjs";

export interface ProgramOptions {
  /** Looked for in PATH where it has no slash. */
  readonly file: string;
  readonly args: readonly string[];
  readonly directory: string;
  /** One that writes more to its standard output is ended. */
  readonly mostOutputBytes: number;
}

export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: Buffer;
  readonly saidTooMuch: boolean;
  /** The last lines of its standard error. */
  readonly lastErrors: readonly string[];
}

export interface Program {
  readonly identity: ProcessIdentity;
  /** What its environment, and that of those it starts, carries. */
  readonly mark: string;
  /** Resolves when it and all it started are gone. Never rejects. */
  readonly ended: Promise<ProgramEnd>;
  /** Ends it and all it started, whatever they do. */
  kill(): void;
}

const keptErrors = 10;

/** @throws Error where there is no such program, or the system refuses to start it */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const mark = randomUUID();
  const started = spawn(options.file, options.args, {
    // It leads a session and a group of its own, which can be ended as one.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    cwd: options.directory,
    env: { ...withoutSecrets(process.env), [markName]: mark },
  });
  const { pid, stdout, stderr } = started;
  if (pid === undefined) throw (await once(started, "error"))[0];
  const identity = identityOf(pid);
  const output: Buffer[] = [];
  const lastErrors: string[] = [];
  let [bytes, hasExited] = [0, false];
  let dying: ReturnType<typeof endTree> = [];
  const kill = (): void => {
    if (!hasExited) dying = endTree(pid);
  };
  stdout.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > options.mostOutputBytes) kill();
    else output.push(chunk);
  });
  readLines(stderr, (line) => {
    if (line.trim() !== "") lastErrors.push(line);
    if (lastErrors.length > keptErrors) lastErrors.shift();
  });
  const end = async (): Promise<ProgramEnd> => {
    // Its outputs stay open as long as somebody it started has them.
    const closed = once(started, "close");
    const [code, signal] = (await once(started, "exit")) as [number | null, NodeJS.Signals | null];
    hasExited = true;
    if (!(await endOthers(identity, mark, dying))) for (const stream of [stdout, stderr]) stream.destroy();
    await closed;
    const saidTooMuch = bytes > options.mostOutputBytes;
    return { code, signal, output: Buffer.concat(output), saidTooMuch, lastErrors };
  };
  return { identity, mark, ended: end(), kill };
}
