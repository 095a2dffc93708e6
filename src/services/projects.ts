// data/projects: one folder per project, with one per scan. Knows no devices and no tasks.
import { mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { Low } from "lowdb";
import { RuntimeError } from "../errors/runtime-error.ts";
import { type Clock, isoTime } from "../lib/clock.ts";
import { syncDirectory } from "../lib/durable-file.ts";
import { syncedJsonFile } from "../lib/json-file.ts";
import type { PolarPoint, ProjectFacts, ScanFolder, Services } from "../task/services.ts";
import { projectFolder } from "./project-name.ts";
import { StoredScan, scanDirectory, scanName } from "./scan-folder.ts";

type ProjectService = Services["projects"];

export class Projects implements ProjectService {
  readonly #dataDirectory: string;
  readonly #directory: string;
  readonly #clock: Clock;
  /** Changes of `project.json` one after another: the end of the last one, per project. */
  readonly #changing = new Map<string, Promise<unknown>>();

  constructor(dataDirectory: string, clock: Clock) {
    this.#dataDirectory = dataDirectory;
    this.#directory = path.join(dataDirectory, "projects");
    this.#clock = clock;
  }

  async list(): Promise<ProjectFacts[]> {
    const entries = await readdir(this.#directory, { withFileTypes: true }).catch((error: Error) => {
      if ("code" in error && error.code === "ENOENT") return [];
      throw error;
    });
    const names = entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
    const projects = await Promise.all(names.map((name) => this.#document(name).read()));
    return projects.filter((project) => project !== null);
  }

  async createScan(project: string, points: readonly PolarPoint[], facts: object): Promise<ScanFolder> {
    const index = await this.#reserve(projectFolder(project));
    const place = { dataDirectory: this.#dataDirectory, project, index };
    const scan = await StoredScan.begin(place, points, { created_at: this.#time(), ...facts });
    await this.#remember(project, index);
    return scan;
  }

  async openScan(project: string, index: number): Promise<ScanFolder> {
    const place = { dataDirectory: this.#dataDirectory, project: projectFolder(project), index };
    const scan = await StoredScan.find(place);
    if (scan) return scan;
    throw new RuntimeError("FILE_NOT_FOUND", {
      path: scanDirectory(place),
      directories: ["the data directory"],
    });
  }

  /** The next free index; making its folder takes it, so two scans never share one. */
  async #reserve(project: string): Promise<number> {
    const folder = path.join(this.#directory, project);
    await mkdir(folder, { recursive: true });
    const taken = (await readdir(folder)).map((name) => Number(/^scan(\d+)$/.exec(name)?.[1] ?? 0));
    for (let index = Math.max(0, ...taken) + 1; ; index++) {
      try {
        await mkdir(path.join(folder, scanName(index)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
        throw error;
      }
      for (const directory of [folder, this.#directory, this.#dataDirectory]) await syncDirectory(directory);
      return index;
    }
  }

  async #remember(project: string, index: number): Promise<void> {
    const before = this.#changing.get(project) ?? Promise.resolve();
    const change = before.then(async () => {
      const created: ProjectFacts = { name: project, created_at: this.#time(), scans: [] };
      const document = new Low(this.#document(project), created);
      await document.read();
      document.data = { ...document.data, scans: [...document.data.scans, index].sort((a, b) => a - b) };
      await document.write();
    });
    // The next change does not inherit this one's failure; whoever asked for this one is told below.
    const ended = change.catch(() => undefined);
    this.#changing.set(project, ended);
    await change;
    if (this.#changing.get(project) === ended) this.#changing.delete(project);
  }

  #document(project: string) {
    return syncedJsonFile<ProjectFacts>(path.join(this.#directory, project, "project.json"));
  }

  #time(): string {
    return isoTime(this.#clock.now());
  }
}
