// A process of a measurement's own: started, heard, weighed and ended. Knows nothing of what it runs.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";

export const projectRoot = path.resolve(import.meta.dirname, "../..");

/** Null where programs can be weighed: Linux tells it in files. */
export const whyNotWeighed = existsSync("/proc/self/io") ? null : "this system has no /proc";

export interface ProgramOptions {
  /** Default: this Node. */
  readonly command?: string;
  readonly args: readonly string[];
  /** Beside what every process here has. */
  readonly env?: Readonly<Record<string, string>>;
}

export class Program {
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;
  #out = "";
  #err = "";

  constructor({ command = process.execPath, args, env = {} }: ProgramOptions) {
    this.#child = spawn(command, args, {
      cwd: projectRoot,
      env: { ...withoutOurs(process.env), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#gone = once(this.#child, "close");
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#out += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#err = (this.#err + text).slice(-4000);
    });
  }

  /** What the first group of `pattern` finds in what it prints. @throws where it ends before */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#out)?.[1];
      if (found !== undefined) return found;
      if (this.#hasEnded) throw new Error(`a program of the bench ended early\n${this.#out}${this.#err}`);
      await Promise.race([once(this.#child.stdout ?? this.#child, "data"), this.#gone]);
    }
  }

  /** The JSON it prints before it ends. @throws where it fails */
  async answer<T>(): Promise<T> {
    return JSON.parse(await this.output()) as T;
  }

  /** All it prints before it ends. @throws where it fails */
  async output(): Promise<string> {
    await this.#gone;
    if (this.#child.exitCode !== 0)
      throw new Error(`a program of the bench failed\n${this.#out}${this.#err}`);
    return this.#out;
  }

  /** Bytes of memory that are resident. */
  async residentBytes(): Promise<number> {
    return (await this.#proc("status", /^VmRSS:\s+(\d+) kB$/m)) * 1024;
  }

  /** Bytes it has made dirty for the disk, in whole pages, since its start. */
  async writtenBytes(): Promise<number> {
    return this.#proc("io", /^write_bytes: (\d+)$/m);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the program could not be started");
    return this.#child.pid;
  }

  /** SIGTERM, or another signal; resolves when it is gone. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (!this.#hasEnded) this.#child.kill(signal);
    await this.#gone;
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async #proc(file: string, pattern: RegExp): Promise<number> {
    const text = await readFile(`/proc/${this.#child.pid}/${file}`, "utf8");
    const found = pattern.exec(text)?.[1];
    if (found === undefined) throw new Error(`/proc/<pid>/${file} does not say it`);
    return Number(found);
  }
}

/** The owner's own settings do not take part. */
const withoutOurs = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("ARMATURE_")));
