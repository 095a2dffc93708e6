// What every command is handed: the terminal, the environment, Ctrl+C, and a way to start a runtime.
import type { Environment } from "../settings/environment.ts";
import type { Terminal } from "./terminal.ts";

export interface RunningServer {
  /** As in `http://127.0.0.1:8000`. */
  readonly url: string;
  /** In order, twice without harm. */
  close(): Promise<void>;
}

export interface StartOptions {
  readonly projectRoot: string;
  readonly env: Environment;
  /** Told `Armature listens on http://…` once the runtime is ready to work. */
  readonly print: (line: string) => void;
  /** Whether messages of Redis become tasks. Default true. */
  readonly takesMessages?: boolean;
}

/** The top of the house hands this down: the command line does not know how a runtime is built. */
export type StartServer = (options: StartOptions) => Promise<RunningServer>;

export interface WorkerOptions extends StartOptions {
  /** In place of the one in the settings, or null. */
  readonly url: string | null;
  readonly concurrency: number;
  /** Aborted where nobody waits for Redis any more. */
  readonly givenUp: AbortSignal;
}

export type StartWorker = (options: WorkerOptions) => Promise<Pick<RunningServer, "close">>;

export interface Shell {
  readonly projectRoot: string;
  readonly env: Environment;
  /** Results; what a script reads. */
  readonly out: Terminal;
  /** Progress and complaints; what a person reads. */
  readonly err: Terminal;
  readonly startServer: StartServer;
  readonly startWorker: StartWorker;
  /** Calls the listener at every Ctrl+C or SIGTERM until the returned function is called. */
  readonly onInterrupt: (listener: () => void) => () => void;
}

export interface Command {
  /** @returns the exit code */
  run(words: readonly string[], shell: Shell): Promise<number>;
}

/** Exit codes, as shells know them. */
export const exit = { fine: 0, failed: 1, interrupted: 130 } as const;

export function untilInterrupted({ onInterrupt }: Shell): Promise<void> {
  return new Promise((resolve) => {
    const end = onInterrupt(() => {
      end();
      resolve();
    });
  });
}
