// A Node process of ours, from its start to the end of all it started. Its entry is one of our .mjs files that opens its
// channel (channel.mjs) before anything else. Knows nothing of what is said and done there.
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { deserialize, serialize } from "node:v8";
import { beginningOf } from "../joined/joined.mjs";
import { FrameReader, frame, kinds } from "./frames.mjs";
import { identityOf, type ProcessIdentity } from "./identity.ts";
import { readLines } from "./output.ts";
import { Pace } from "./pace.ts";
import { endOthers } from "./sweep.ts";
import { type Ended, endTree, markName } from "./table.mjs";

export interface ChildOptions {
  /** The file URL of the entry. */
  readonly entry: URL;
  /** What its JavaScript may use of memory, or null for Node's own measure. */
  readonly heapMb?: number | null;
  /** Defaults to ours. */
  readonly env?: NodeJS.ProcessEnv;
  /** Whatever it sends, until it is over. What this throws ends the child. */
  readonly onMessage: (message: unknown) => void;
  /** What it, or somebody it started, writes to its standard outputs. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
}

/** What a child and all it started may use, from now on; null is no limit. */
export interface ChildLimits {
  readonly memoryMb: number | null;
  readonly cpuSeconds: number | null;
}

export interface Exceeded {
  /** `unheard`: what it has said waits to be heard, and is too much by now. */
  readonly what: "memory" | "cpu" | "unheard";
  /** MB or seconds. */
  readonly limit: number;
  readonly used: number;
}

/** How it ended. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** `kill` was called before it ended. */
  readonly wasKilled: boolean;
  /** The limit it was ended for. */
  readonly exceeded: Exceeded | null;
  /** Node ended it: its JavaScript wanted more memory than `heapMb`. */
  readonly ranOutOfHeap: boolean;
  /** The last lines of its standard error. */
  readonly lastErrors: readonly string[];
}

/** A crash in native code is followed by some twenty lines of Node's. */
const keptErrors = 40;
/** What is heard of a second: a child that says more keeps it. */
const messagesPerSecond = 5000;
/** So often within the time in which a child wants to hear of us. */
const signs = 3;
/** After its exit: for what it had said before. */
const lastWordsMs = 1000;

/** @throws Error where the system refuses another process */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { entry, heapMb = null, env = process.env } = options;
  const mark = randomUUID();
  const flags = heapMb === null ? [] : [`--max-old-space-size=${heapMb}`];
  const beginning = fileURLToPath(await beginningOf(entry));
  const started = spawn(process.execPath, [...flags, beginning], {
    // It leads a session and a group of its own, which can be ended as one.
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { ...env, [markName]: mark },
  });
  if (!hasStarted(started)) throw (await once(started, "error"))[0];
  return new Child(started, mark, options);
}

const hasStarted = (started: ChildProcess): started is ChildProcess & { pid: number } =>
  started.pid !== undefined;

export class Child {
  /** Resolves when it and all it started are gone, and whatever it had said was heard. Never rejects. */
  readonly ended: Promise<ChildEnd>;
  readonly identity: ProcessIdentity;
  /** What its environment, and that of those it starts, carries. */
  readonly mark: string;
  readonly #process: ChildProcess;
  readonly #line: Duplex;
  readonly #lastErrors: string[] = [];
  #exceeded: Exceeded | null = null;
  #wasKilled = false;
  #ranOutOfHeap = false;
  #dying: readonly Ended[] = [];
  readonly #pace: Pace;
  #hasExited = false;

  constructor(process: ChildProcess & { pid: number }, mark: string, options: ChildOptions) {
    this.#process = process;
    this.identity = identityOf(process.pid);
    this.mark = mark;
    this.#line = process.stdio[3] as Duplex;
    this.#pace = new Pace(this.#line, messagesPerSecond, messagesPerSecond);
    this.#listen(options);
    this.ended = this.#end();
  }

  /** Takes what v8.serialize takes. What an ended child is sent is lost. */
  send(message: unknown): void {
    this.#write(kinds.message, serialize(message));
  }

  /** Sets a number in the child's shared memory, at once, whatever it does. */
  setNumber(place: number, value: number): void {
    const content = Buffer.alloc(8);
    content.writeInt32LE(place, 0);
    content.writeInt32LE(value, 4);
    this.#write(kinds.number, content);
  }

  /** What it has used so far does not count as CPU time. */
  limit(limits: ChildLimits): void {
    this.#write(kinds.limits, Buffer.from(JSON.stringify(limits)));
  }

  /** From now on it ends itself, with all it started, where this process is held up for longer: it may be frozen. */
  endWithoutUs(longestSilenceMs: number): void {
    const content = Buffer.alloc(4);
    content.writeUInt32LE(Math.ceil(longestSilenceMs));
    const say = (): void => this.#write(kinds.awake, content);
    say();
    const again = setInterval(say, longestSilenceMs / signs).unref();
    void this.ended.then(() => clearInterval(again));
  }

  /** Ends it and all it started, whatever they do. */
  kill(): void {
    if (this.#hasExited) return;
    this.#wasKilled = true;
    this.#dying = endTree(this.identity.pid);
  }

  #write(kind: number, content: Uint8Array): void {
    if (this.#hasExited || this.#line.destroyed) return;
    for (const part of frame(kind, content)) this.#line.write(part);
  }

  #listen({ onMessage, onLine }: ChildOptions): void {
    const reader = new FrameReader((kind, content) => {
      this.#pace.took(1);
      if (kind === kinds.message) onMessage(deserialize(content));
      else if (kind === kinds.exceeded) this.#exceeded = JSON.parse(content.toString());
    });
    const { stdout, stderr } = this.#process;
    this.#line.on("data", (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        this.#giveUp(error);
      }
    });
    // Whoever writes to a child that has just ended is told by its end.
    this.#line.on("error", () => this.#line.destroy());
    const hear = (line: string): void => {
      if (line.includes("JavaScript heap out of memory")) this.#ranOutOfHeap = true;
      if (line.trim() !== "") this.#lastErrors.push(line);
      if (this.#lastErrors.length > keptErrors) this.#lastErrors.shift();
      onLine?.(line, "stderr");
    };
    if (stdout) readLines(stdout, (line) => onLine?.(line, "stdout"));
    if (stderr) readLines(stderr, hear);
  }

  /** Code in the child has written to the line itself, or has changed what ours needs: from here on it makes no sense. */
  #giveUp(error: unknown): void {
    this.#lastErrors.push(`What it said cannot be understood: ${error}`);
    this.#line.destroy();
    this.kill();
  }

  async #end(): Promise<ChildEnd> {
    // Its outputs close later: those it started may hold them open.
    const closed = once(this.#process, "close");
    const [code, signal] = (await once(this.#process, "exit")) as [number | null, NodeJS.Signals | null];
    this.#hasExited = true;
    this.#pace.finish();
    await endOthers(this.identity, this.mark, this.#dying);
    await Promise.race([closed, wait(lastWordsMs, undefined, { ref: false })]);
    for (const stream of this.#process.stdio) stream?.destroy();
    return {
      code,
      signal,
      wasKilled: this.#wasKilled,
      exceeded: this.#exceeded,
      ranOutOfHeap: this.#ranOutOfHeap,
      lastErrors: this.#lastErrors,
    };
  }
}
