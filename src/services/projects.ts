// data/projects: one folder per project, with one per scan. Knows no devices and no tasks.
import { mkdir, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { RuntimeError } from "../errors/runtime-error.ts";
import { type Clock, isoTime } from "../lib/clock.ts";
import { syncDirectory } from "../lib/durable-file.ts";
import { type Document, openDocument } from "../store/document.ts";
import type { Quarantine } from "../store/quarantine.ts";
import type { PolarPoint, ProjectCloud, ProjectFacts, ScanFolder, Services } from "../task/services.ts";
import { projectFolder } from "./project-name.ts";
import { StoredScan, scanDirectory, scanName } from "./scan-folder.ts";

type ProjectService = Services["projects"];

export class Projects implements ProjectService {
  readonly #dataDirectory: string;
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #quarantine: Quarantine;
  readonly #documents = new Map<string, Promise<Document<ProjectFacts>>>();

  constructor(dataDirectory: string, clock: Clock, quarantine: Quarantine) {
    this.#quarantine = quarantine;
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
    return Promise.all(
      names.map(async (name) => ({
        ...(await this.#document(name)).data,
        scans: await scansIn(path.join(this.#directory, name)),
      })),
    );
  }

  async createScan(project: string, points: readonly PolarPoint[], facts: object): Promise<ScanFolder> {
    const index = await this.#reserve(projectFolder(project));
    const place = { dataDirectory: this.#dataDirectory, project, index };
    const scan = await StoredScan.begin(place, points, { created_at: this.#time(), ...facts });
    await this.#remember(project);
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

  /** Null where it never was. @throws FILE_NOT_FOUND, PATH_REFUSED */
  async cloudOf(project: string): Promise<ProjectCloud | null> {
    return (await this.#existing(project)).data.cloud ?? null;
  }

  /** Resolves when it survives a power cut. @throws FILE_NOT_FOUND, PATH_REFUSED, STORE_UNAVAILABLE */
  async noteCloud(project: string, change: Partial<ProjectCloud>): Promise<void> {
    const document = await this.#existing(project);
    await document.update((facts) => ({ ...facts, cloud: { ...noCloud, ...facts.cloud, ...change } }));
  }

  async #existing(project: string): Promise<Document<ProjectFacts>> {
    const folder = path.join(this.#directory, projectFolder(project));
    if ((await stat(folder).catch(() => null))?.isDirectory()) return this.#document(project);
    const shown = path.join("projects", project);
    throw new RuntimeError("FILE_NOT_FOUND", { path: shown, directories: ["the data directory"] });
  }

  /** The next free index; making its folder takes it, so two scans never share one. */
  async #reserve(project: string): Promise<number> {
    const folder = path.join(this.#directory, project);
    await mkdir(folder, { recursive: true });
    for (let index = Math.max(0, ...(await scansIn(folder))) + 1; ; index++) {
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

  /** The folder says which scans there are; an owner may have removed some. */
  async #remember(project: string): Promise<void> {
    const document = await this.#document(project);
    const scans = await scansIn(path.join(this.#directory, project));
    await document.update((facts) => ({ ...facts, scans }));
  }

  /** Where `project.json` is damaged or not there yet, the folder itself says which scans there are. */
  #document(project: string): Promise<Document<ProjectFacts>> {
    let document = this.#documents.get(project);
    if (!document) {
      document = this.#open(project);
      this.#documents.set(project, document);
      document.catch(() => this.#documents.delete(project));
    }
    return document;
  }

  async #open(project: string): Promise<Document<ProjectFacts>> {
    const folder = path.join(this.#directory, project);
    const found = { name: project, created_at: this.#time(), scans: await scansIn(folder) };
    return openDocument(path.join(folder, "project.json"), factsSchema, found, this.#quarantine);
  }

  #time(): string {
    return isoTime(this.#clock.now());
  }
}

const factsSchema: z.ZodType<ProjectFacts> = z.object({
  name: z.string(),
  created_at: z.iso.datetime(),
  scans: z.array(z.int()),
  cloud: z
    .object({
      remote_name: z.string().nullable(),
      uploaded_at: z.iso.datetime().nullable(),
      downloaded_at: z.iso.datetime().nullable(),
    })
    .optional(),
});

const noCloud: ProjectCloud = { remote_name: null, uploaded_at: null, downloaded_at: null };

async function scansIn(folder: string): Promise<number[]> {
  const found = (await readdir(folder)).flatMap((name) => /^scan(\d+)$/.exec(name)?.[1] ?? []);
  return found.map(Number).sort((a, b) => a - b);
}
