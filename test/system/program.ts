// The real program in a process of its own, over real folders: started, asked, killed, started again.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

export const projectRoot = path.resolve(import.meta.dirname, "../..");

export interface WireTask {
  readonly id: string;
  readonly status: string;
  readonly result: unknown;
  readonly [field: string]: unknown;
}

export class Program {
  readonly folder: string;
  #child: ChildProcess | null = null;
  #output = "";
  url = "";

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Folders of its own below the system's temporary one; the project's settings as they are shipped. */
  static async create(): Promise<Program> {
    const folder = await mkdtemp(path.join(os.tmpdir(), "armature-system-"));
    await mkdir(path.join(folder, "community-tasks"));
    await cp(path.join(projectRoot, "settings"), path.join(folder, "settings"), { recursive: true });
    return new Program(folder);
  }

  /** Resolves when it prints that it listens. */
  async start(env: Record<string, string> = {}): Promise<void> {
    this.#output = "";
    const child = spawn(process.execPath, ["src/cli/armature.mjs", "start"], {
      cwd: projectRoot,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        ARMATURE_PORT: "0",
        ARMATURE_DATA_DIR: path.join(this.folder, "data"),
        ARMATURE_SETTINGS_DIR: path.join(this.folder, "settings"),
        ARMATURE_COMMUNITY_TASKS_DIR: path.join(this.folder, "community-tasks"),
        ...env,
      },
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        this.#output += text;
        child.emit("output");
      });
    }
    let ended = false;
    child.once("exit", () => {
      ended = true;
      child.emit("output");
    });
    for (;;) {
      const ready = /Armature listens on (http:\/\/\S+)/.exec(this.#output);
      if (ready) {
        this.url = ready[1] as string;
        return;
      }
      if (ended) throw new Error(`The program ended before it listened:\n${this.#output}`);
      await once(child, "output");
    }
  }

  get output(): string {
    return this.#output;
  }

  /** @returns the exit code, or null where the signal ended it */
  async signal(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exit = once(child, "exit");
    child.kill(signal);
    const [code] = await exit;
    return code as number | null;
  }

  /** Resolves when it has ended by itself. */
  async gone(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }

  kill(): Promise<number | null> {
    return this.signal("SIGKILL");
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  async get<T = WireTask>(route: string): Promise<T> {
    return (await (await fetch(this.url + route)).json()) as T;
  }

  post<T = WireTask>(route: string, body: unknown = {}): Promise<{ status: number; body: T }> {
    return this.#send("POST", route, body);
  }

  patch<T = WireTask>(route: string, body: unknown): Promise<{ status: number; body: T }> {
    return this.#send("PATCH", route, body);
  }

  async #send<T>(method: string, route: string, body: unknown): Promise<{ status: number; body: T }> {
    const response = await fetch(this.url + route, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as T };
  }

  /** The task once it has ended (or waits for its owner). */
  async ended(id: string): Promise<WireTask> {
    for (;;) {
      const task = await this.get(`/tasks/${id}?wait=30`);
      if (["completed", "failed", "cancelled", "interrupted"].includes(task.status)) return task;
    }
  }

  addTask(name: string, source: string): Promise<void> {
    return writeFile(path.join(this.folder, "community-tasks", name), source);
  }

  async editSettings(name: string, edit: (settings: Record<string, unknown>) => void): Promise<void> {
    const file = path.join(this.folder, "settings", name);
    const settings = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
    edit(settings);
    await writeFile(file, JSON.stringify(settings));
  }
}
