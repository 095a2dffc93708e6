// An Armature server of a measurement's own, in a process and a data directory of its own, spoken to over HTTP.
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { WireTask } from "../../src/api/record.ts";
import type { TaskStats } from "../../src/engine/requests.ts";
import type { Program } from "./program.ts";
import type { Stage } from "./stage.ts";

export interface ArmatureOptions {
  /** Default: an empty one. */
  readonly data?: string;
  readonly limits?: Readonly<Record<string, number>>;
  /** As an owner has it: the settings and tasks of the project. Default: the tasks of the bench alone. */
  readonly asShipped?: boolean;
}

export class Armature {
  readonly program: Program;
  readonly url: string;

  constructor(program: Program, url: string) {
    this.program = program;
    this.url = url;
  }

  /** @throws where the answer is no success */
  async ask<T>(method: string, route: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}${route}`, {
      method,
      ...(body !== undefined && {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    });
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  submit(task: string, parameters: object = {}): Promise<WireTask> {
    return this.ask("POST", "/tasks", { task, parameters });
  }

  async submitMany(count: number, task: string, atATime: number, parameters: object = {}): Promise<void> {
    let left = count;
    const client = async (): Promise<void> => {
      while (left-- > 0) await this.submit(task, parameters);
    };
    await Promise.all(Array.from({ length: atATime }, client));
  }

  pauseQueue(): Promise<unknown> {
    return this.ask("POST", "/queue/pause");
  }

  async completed(): Promise<number> {
    return (await this.ask<TaskStats>("GET", "/tasks/stats")).counts.completed;
  }

  /** @param progress that it has at least */
  async running(id: string, progress = 0): Promise<void> {
    for (;;) {
      const task = await this.ask<WireTask>("GET", `/tasks/${id}`);
      if (task.status === "running" && task.progress.current >= progress) return;
      await wait(2);
    }
  }
}

/** Listens when this resolves. */
export async function startArmature(stage: Stage, options: ArmatureOptions = {}): Promise<Armature> {
  const program = await spawnArmature(stage, options);
  return new Armature(program, await program.says(listening));
}

export const listening = /listens on (\S+)/;

/** What `npm start` gives to Node. */
const [, ...shipped] = (
  JSON.parse(readFileSync("package.json", "utf8")) as { scripts: { start: string } }
).scripts.start.split(" ");

/** The program a user starts with `npm start`. */
export async function spawnArmature(stage: Stage, options: ArmatureOptions = {}): Promise<Program> {
  return stage.start({
    args: [...stage.nodeOptions, ...shipped],
    env: await environment(stage, options),
  });
}

export async function environment(
  stage: Stage,
  { data, limits = {}, asShipped = false }: ArmatureOptions,
): Promise<Record<string, string>> {
  const folder = await stage.folder();
  const env = {
    ARMATURE_PORT: "0",
    ARMATURE_DATA_DIR: data ?? path.join(folder, "data"),
    ARMATURE_COMMUNITY_TASKS_DIR: path.join(folder, "community-tasks"),
    ARMATURE_LOG_LEVEL: "warn",
  };
  if (asShipped) return env;
  await writeFile(path.join(folder, "firmware.json"), JSON.stringify({ ...benchSettings, limits }));
  return { ...env, ARMATURE_SETTINGS_DIR: folder };
}

/** Nothing is forgotten while it is counted. */
const benchSettings = {
  task_autodiscovery_folders: ["test/bench/tasks"],
  required_core_tasks: [],
  // In processes of their own, as files that nobody trusts are, each task would take a hundred milliseconds.
  trusted_task_files: true,
  retention: { max_finished_tasks: 1_000_000 },
};
