// A command line of a test's own: real commands, what they write is kept, Ctrl+C is a function.
import { EventEmitter } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { runCommandLine } from "../../src/cli/index.ts";
import type { StartServer, StartWorker } from "../../src/cli/shell.ts";

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
  readonly startWorker?: StartWorker;
}

/** A command under way. */
export interface Typing {
  readonly ended: Promise<Typed>;
  /** Resolves when what was written so far matches. */
  seen(pattern: RegExp): Promise<void>;
  /** Ctrl+C */
  interrupt(): void;
}

/** Types `armature …words`. */
export function typing(words: readonly string[], around: Around = {}): Typing {
  const written = { out: "", err: "" };
  const events = new EventEmitter();
  const write = (where: "out" | "err") => ({
    write(text: string) {
      written[where] += text;
      events.emit("text");
    },
  });
  const running = runCommandLine({
    argv: words,
    env: around.env ?? {},
    projectRoot: around.projectRoot ?? projectRoot,
    out: write("out"),
    err: write("err"),
    startServer: around.startServer ?? (() => Promise.reject(new Error("no server is to be started"))),
    startWorker: around.startWorker ?? (() => Promise.reject(new Error("no worker is to be started"))),
    onInterrupt(listener) {
      events.on("interrupt", listener);
      return () => events.off("interrupt", listener);
    },
  });
  const ended = running.then((code) => ({ code, ...written }));
  return {
    ended,
    interrupt: () => events.emit("interrupt"),
    seen: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => pattern.test(written.out + written.err) && resolve();
        events.on("text", look);
        look();
        void ended.then((all) => reject(new Error(`ended without ${pattern}: ${JSON.stringify(all)}`)));
      }),
  };
}

/** The same, to its end. */
export const type = (words: readonly string[], around: Around = {}): Promise<Typed> =>
  typing(words, around).ended;

export async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), "armature-cli-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}
