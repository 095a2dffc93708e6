// What the measurements of a row stand on: programs and folders that are gone once the row is there.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Program, type ProgramOptions } from "./program.ts";
import type { Scale } from "./scale.ts";

export class Stage {
  readonly scale: Scale;
  /** Options of Node for the Armature servers, as for a profile. */
  readonly nodeOptions: readonly string[];
  readonly #programs = new Set<Program>();
  readonly #folders: string[] = [];

  constructor(scale: Scale, nodeOptions: readonly string[]) {
    this.scale = scale;
    this.nodeOptions = nodeOptions;
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(path.join(os.tmpdir(), "armature-bench-"));
    this.#folders.push(folder);
    return folder;
  }

  start(options: ProgramOptions): Program {
    const program = new Program(options);
    this.#programs.add(program);
    return program;
  }

  /** One of programs/, started the same way as Armature: the door first, then a single file. */
  startOurs(
    name: string,
    args: readonly unknown[] = [],
    { nodeOptions = [], env = {} }: { nodeOptions?: readonly string[]; env?: Record<string, string> } = {},
  ): Program {
    const door = ["--import", "./src/task/door/boot.mjs"];
    const words = args.map((arg) => JSON.stringify(arg));
    return this.start({ args: [...nodeOptions, ...door, `test/bench/programs/${name}.ts`, ...words], env });
  }

  async end(program: Program, signal?: NodeJS.Signals): Promise<void> {
    await program.end(signal);
    this.#programs.delete(program);
  }

  async clear(): Promise<void> {
    await Promise.all([...this.#programs].map((program) => program.end()));
    this.#programs.clear();
    await Promise.all(this.#folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
  }
}
